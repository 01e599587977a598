#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Compares the requests that `parapet replay` finds in captures with those that tshark finds.

  tests/differential/run.py [--shared] [--into FOLDER] [--show-requests] PARAPET [CAPTURE...]

Both read each capture; requests are compared by protocol, ends, host, target and the frame that completed them. What
differs is read again by both, alone; what differs again is a *difference*. Each is then shrunk: packets are left out while it
stays, and the small capture is written to FOLDER. At the end the differences stand grouped by what probably caused them.
Without captures, those of our own making are read (tests/corpora/made_captures.py): they may not differ at all.

  --shared          all captures of $PARAPET_SHARED/corpora (default: ../shared beside the checkout); takes minutes
  --into FOLDER     where small captures go; without it nothing is shrunk
  --show-requests   prints ends, hosts and targets of what differs: personal data where the capture is real
Exit status: 0 no difference, 1 some, 2 wrong arguments or no tshark.
"""

import argparse
import collections
import concurrent.futures
import os
import re
import sys
import tempfile
from typing import NamedTuple

_HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, _HERE)
sys.path.insert(0, os.path.join(_HERE, '..', 'corpora'))
import dissector  # noqa: E402
from capture_file import CaptureFile  # noqa: E402
from made_captures import make_captures  # noqa: E402
from replaying import read_lines, replay_all  # noqa: E402
from request import Request, Seen, make_request  # noqa: E402
from shrink import shrink  # noqa: E402

_ROOT = os.path.realpath(os.path.join(_HERE, '..', '..'))
_DNS_PORT = 53
# Other writings of captures that are read anyhow, and pseudowires, whose control word tshark takes for an Ethernet address.
_LEFT_OUT = re.compile(r'\.(be|ns)\.pcap(ng)?$|/pseudowire-[^/]*$')


class Difference(NamedTuple):
    capture: str
    kind: str  # missed: tshark alone has it; extra: replay alone has it; frame: both have it, at other frames
    request: Request
    frame: int  # of the side that has it; for `frame`, tshark's


def replayed(program, captures, folder):
    """{capture: [Seen]} by `parapet replay`; None where it crashed."""
    report = os.path.join(folder, 'report.jsonl')
    if replay_all(program, captures, report):
        return None
    found = collections.defaultdict(list)
    for row in read_lines(report):
        if not row['host'] and row['protocol'] != 'http':  # a hello without a name: tshark's are not asked for
            continue
        ends = (row['src'], row['sport'], row['dst'], row['dport'])
        found[row['file']].append(Seen(make_request(row['protocol'], ends, row['host'], row['target']), row['frame']))
    return found


def compare(capture, theirs, ours):
    """[Difference]. As sets: a dissector leaves out repeated copies of the same bytes, a filter may see each of them. Their
    DNS is that of port 53 alone."""
    frames_of = collections.defaultdict(set)
    for seen in ours:
        frames_of[seen.request].add(seen.frame)
    differences = []
    for request, frame in dict.fromkeys(theirs):
        if request not in frames_of:
            differences.append(Difference(capture, 'missed', request, frame))
        elif frame not in frames_of[request]:
            differences.append(Difference(capture, 'frame', request, frame))
    known = {seen.request for seen in theirs}
    for request, frames in frames_of.items():
        elsewhere = request.protocol == 'dns' and _DNS_PORT not in (request.source_port, request.destination_port)
        if request not in known and not elsewhere:
            differences.append(Difference(capture, 'extra', request, min(frames)))
    return differences


def find_differences(program, captures, folder):
    """One reading of all by both sides. Returns ([Difference], captures that tshark could not read); None: a crash."""
    ours = replayed(program, captures, folder)
    if ours is None:
        return None
    differences, unread = [], []
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        pending = {pool.submit(dissector.dissect, capture): capture for capture in captures}
        for done in concurrent.futures.as_completed(pending):
            capture = pending[done]
            try:
                differences += compare(capture, done.result(), ours.get(capture, []))
            except dissector.DissectorFailed:
                unread.append(capture)
    return sorted(differences), unread


def reproduce(program, differences, folder):
    """Reads each differing capture again, alone. Returns (what differed again, what did not)."""
    again = set()
    for capture in sorted({difference.capture for difference in differences}):
        found = find_differences(program, [capture], folder)
        again.update(found[0] if found else ())
    return [d for d in differences if d in again], [d for d in differences if d not in again]


def shrink_into(program, difference, folder, place):
    """Writes the smallest capture found that still shows the difference; returns its path and packet count."""
    whole = CaptureFile(difference.capture)
    trial = os.path.join(folder, 'trial')

    def still_differs(kept):
        whole.write(trial, kept)
        ours = replayed(program, [trial], folder)
        seen = any(s.request == difference.request for s in ours.get(trial, [])) if ours is not None else None
        if seen is (difference.kind == 'missed'):  # the cheap half of the question
            return False
        return any((d.kind, d.request) == (difference.kind, difference.request)
                   for d in compare(trial, dissector.dissect(trial), ours.get(trial, [])))

    kept, _ = shrink(whole.count, still_differs)
    stem, ending = os.path.splitext(os.path.basename(difference.capture))
    path = os.path.join(place, f'{stem}-{difference.kind}-{difference.request.protocol}-{difference.frame}{ending}')
    whole.write(path, set(kept))
    return path, len(kept)


def print_by_cause(differences, show_requests):
    frames_of = collections.defaultdict(set)
    for difference in differences:
        frames_of[difference.capture].add(difference.frame)
    told = {capture: dissector.describe_frames(capture, frames) for capture, frames in frames_of.items()}
    causes = collections.defaultdict(list)
    for difference in differences:
        layers = told[difference.capture].get(difference.frame, '?')
        causes[difference.kind, difference.request.protocol, layers].append(difference)
    for (kind, protocol, layers), alike in sorted(causes.items(), key=lambda cause: -len(cause[1])):
        print(f'  {len(alike):5} {kind} {protocol}  {layers}')
        for difference in alike if show_requests else alike[:3]:
            request = ' '.join(str(part) for part in difference.request) if show_requests else ''
            print(f'          {difference.capture} frame {difference.frame} {request}'.rstrip())


def published_captures():
    """All of the shared corpora but those that their notes leave out."""
    corpora = os.path.realpath(os.path.join(os.environ.get('PARAPET_SHARED', os.path.join(_ROOT, '..', 'shared')), 'corpora'))
    pcaps = os.path.join(corpora, 'pcaps')
    with open(os.path.join(corpora, 'notes.tsv'), encoding='utf-8') as notes:
        left_out = {os.path.join(pcaps, line.split('\t')[0]) for line in notes}
    found = {os.path.join(path, name) for path, _, names in os.walk(pcaps) for name in names}
    return sorted(found - left_out)


def run(options, folder):
    if options.shared:
        options.captures += published_captures()
    captures = options.captures or [path for path in make_captures(folder) if not _LEFT_OUT.search(path)]
    found = find_differences(options.program, captures, folder)
    if found is None:
        return 1
    differences, unread = found
    differences, passing = reproduce(options.program, differences, folder)
    print(f'{len(captures)} captures read by parapet and {dissector.version()}: {len(differences)} differences, '
          f'{len(passing)} that did not come again, {len(unread)} captures that tshark could not read')
    print_by_cause(differences, options.show_requests)
    for difference in differences if options.into else []:
        path, count = shrink_into(options.program, difference, folder, options.into)
        print(f'  {count:5} packets are enough: {path}', flush=True)
    return 1 if differences or passing else 0


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument('program', metavar='PARAPET')
    arguments.add_argument('captures', metavar='CAPTURE', nargs='*')
    arguments.add_argument('--shared', action='store_true')
    arguments.add_argument('--into', metavar='FOLDER')
    arguments.add_argument('--show-requests', action='store_true')
    options = arguments.parse_args()
    if dissector.version() is None:
        print('differential: no tshark here; tools/setup test installs it', file=sys.stderr)
        return 2
    if options.into:
        os.makedirs(options.into, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix='parapet-differential-') as folder:
        return run(options, folder)


if __name__ == '__main__':
    sys.exit(main())
