#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs `parapet replay` over captures and compares what it reports with the truth about them.

  tests/corpora/run.py [--list N] [--all-differences] PARAPET

PARAPET is the program, best built with -Db_sanitize=address,undefined. First the captures of our own making
(made_captures.py): every request of them must be reported, in its frame, and nothing else. Then, where the folder
$PARAPET_SHARED (default: ../shared beside the checkout) has them, all captures of its corpora, which nobody here wrote: no
crash and no report of a sanitizer is allowed, and agreement must be full but for exceptions.tsv (each of which must be used).
Requests are named by capture and frame alone: real names stand in those captures.
  --list N           how many disagreements to print (default 20)
  --all-differences  without the exceptions: prints all that differs, as rows for exceptions.tsv
Exit status: 0 all of that held, 1 it did not.
"""

import argparse
import os
import sys
import tempfile
import time

_HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, _HERE)
from agreement import agree  # noqa: E402
from exceptions import excuse, read_exceptions  # noqa: E402
from made_captures import make_captures  # noqa: E402
from replaying import read_lines, replay_all  # noqa: E402

_ROOT = os.path.realpath(os.path.join(_HERE, '..', '..'))


def request_key(row, protocol, capture):
    return (capture, row['frame'], protocol, row['src'], row['sport'], row['dst'], row['dport'], row['host'],
            row['target'] or '')


def run_made(program, folder):
    """Our own captures: exact agreement, frame by frame."""
    captures = make_captures(folder)
    report = os.path.join(folder, 'report.jsonl')
    if replay_all(program, captures, report):
        return False
    owed = sorted(request_key(row, row['kind'], row['pcap']) for row in read_lines(os.path.join(folder, 'truth.jsonl')))
    found = sorted(request_key(row, row['protocol'], os.path.basename(row['file'])) for row in read_lines(report))
    missed, extra = set(owed) - set(found), set(found) - set(owed)
    twice = len(found) - len(set(found))
    print(f'made captures: {len(captures)} files, owed {len(owed)} missed {len(missed)} extra {len(extra)} twice {twice}')
    for word, rows in (('missed', missed), ('extra', extra)):
        for row in sorted(rows)[:10]:
            print(f'  {word}', *row)
    return not missed and not extra and not twice


def run_published(program, corpora, folder, options):
    pcaps = os.path.join(corpora, 'pcaps')
    if not os.path.isdir(pcaps):
        print(f'published captures: none here ({pcaps} is no folder); only the made ones were run')
        return True
    captures = sorted(os.path.join(path, name) for path, _, names in os.walk(pcaps) for name in names)
    path = os.path.join(folder, 'published.jsonl')
    begin = time.monotonic()
    failed = replay_all(program, captures, path)
    print(f'published captures: {len(captures)} files in {time.monotonic() - begin:.1f} s, '
          f'{"no crash, no sanitizer report" if failed == 0 else f"{failed} batches FAILED"}', flush=True)
    report = [dict(row, file=os.path.relpath(row['file'], pcaps)) for row in read_lines(path)]
    with open(os.path.join(corpora, 'notes.tsv'), encoding='utf-8') as notes:
        left_out = {line.split('\t')[0] for line in notes}
    agreement = agree(read_lines(os.path.join(corpora, 'truth.jsonl')), report, left_out)
    return judge(agreement, os.path.join(corpora, 'sources.tsv'), options) and failed == 0


def judge(agreement, sources, options):
    for protocol in sorted(agreement.owed):
        of_it = [d.kind for d in agreement.disagreements if d.protocol == protocol]
        print(f'  {protocol}: owed {agreement.owed[protocol]}, found in their frames {agreement.found[protocol]}, '
              + ', '.join(f'{kind} {of_it.count(kind)}' for kind in ('missed', 'extra', 'frame')))
    if options.all_differences:
        print_as_rows(agreement.disagreements)
        return not agreement.disagreements
    exceptions = read_exceptions(os.path.join(_HERE, 'exceptions.tsv'), sources)
    unexcused, unused = excuse(agreement.disagreements, exceptions)
    print(f'  {len(unexcused)} disagreements beyond {len(exceptions)} exceptions, {len(unused)} exceptions without use')
    for disagreement in unexcused[:options.list]:
        print('    ', disagreement.kind, disagreement.protocol, disagreement.capture, 'frame', disagreement.frame)
    for row in unused:
        print('     unused', row.protocol, row.capture)
    return not unexcused and not unused


def print_as_rows(disagreements):
    rows = {}
    for disagreement in disagreements:
        rows.setdefault(disagreement[:3], []).append(disagreement.frame)
    for (capture, protocol, kind), frames in rows.items():
        print(capture, protocol, ','.join(str(frame) for frame in sorted(set(frames))), kind, sep='\t')


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument('program')
    arguments.add_argument('--list', type=int, default=20)
    arguments.add_argument('--all-differences', action='store_true')
    options = arguments.parse_args()
    shared = os.environ.get('PARAPET_SHARED', os.path.join(_ROOT, '..', 'shared'))
    with tempfile.TemporaryDirectory(prefix='parapet-corpora-') as folder:
        good = run_made(options.program, folder)
        good = run_published(options.program, os.path.realpath(os.path.join(shared, 'corpora')), folder, options) and good
    return 0 if good else 1


if __name__ == '__main__':
    sys.exit(main())
