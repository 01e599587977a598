#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs `parapet replay` over captures that nobody here wrote and compares what it reports with the truth about them.

  tests/corpora/run.py [--list N] PARAPET

PARAPET is the program, best built with -Db_sanitize=address,undefined. First the captures of our own making
(made_captures.py): every request of them must be reported, in its frame, and nothing else. Then, where the folder
$PARAPET_SHARED (default: ../shared beside the checkout) has them, all captures of its corpora: no crash and no report of a
sanitizer is allowed; the agreement with the truth is printed by protocol (score.py there; disagreement is no failure).
Exit status: 0 all of that held, 1 it did not.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
from made_captures import make_captures  # noqa: E402

_ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), '..', '..'))
_BATCH = 100
_DEADLINE_S = 600
_SANITIZER_EXIT = 99
_SANITIZER_WORDS = ('AddressSanitizer', 'runtime error:', 'LeakSanitizer', 'UndefinedBehaviorSanitizer')


def replay(program, captures, out):
    """Replays captures in one process. Returns (exit status, stderr)."""
    environment = dict(os.environ, ASAN_OPTIONS=f'exitcode={_SANITIZER_EXIT}:abort_on_error=0',
                       UBSAN_OPTIONS=f'halt_on_error=1:print_stacktrace=1:exitcode={_SANITIZER_EXIT}')
    ended = subprocess.run([program, 'replay', '--json', '--show-requests', *captures], stdout=out, stderr=subprocess.PIPE,
                           env=environment, timeout=_DEADLINE_S, check=False)
    return ended.returncode, ended.stderr.decode('utf-8', 'replace')


def replay_all(program, captures, report_path):
    """Returns how many batches failed; 1 is the exit status of files that are no captures."""
    failed = 0
    with open(report_path, 'wb') as out:
        for at in range(0, len(captures), _BATCH):
            batch = captures[at:at + _BATCH]
            status, errors = replay(program, batch, out)
            if status in (0, 1) and not any(word in errors for word in _SANITIZER_WORDS):
                continue
            failed += 1
            print(f'FAILED with exit status {status} in captures {at + 1}..{at + len(batch)}:')
            print(find_culprit(program, batch) or '\n'.join(errors.splitlines()[-40:]))
    return failed


def find_culprit(program, batch):
    with open(os.devnull, 'wb') as nothing:
        for capture in batch:
            status, errors = replay(program, [capture], nothing)
            if status not in (0, 1):
                return f'{capture}\n' + '\n'.join(errors.splitlines()[-40:])
    return None


def read_lines(path):
    with open(path, encoding='utf-8') as lines:
        return [json.loads(line) for line in lines]


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


def run_shared(program, shared, folder, list_count):
    corpora = os.path.join(shared, 'corpora')
    if not os.path.isdir(os.path.join(corpora, 'pcaps')):
        print(f'published captures: none here ({corpora}/pcaps is no folder); only the made ones were run')
        return True
    captures = sorted(os.path.join(path, name) for path, _, names in os.walk(os.path.join(corpora, 'pcaps'))
                      for name in names)
    report = os.path.join(folder, 'published.jsonl')
    begin = time.monotonic()
    failed = replay_all(program, captures, report)
    print(f'published captures: {len(captures)} files in {time.monotonic() - begin:.1f} s, '
          f'{"no crash, no sanitizer report" if failed == 0 else f"{failed} batches FAILED"}', flush=True)
    subprocess.run([sys.executable, os.path.join(shared, 'tools', 'score.py'), os.path.join(corpora, 'truth.jsonl'), report,
                    '--notes', os.path.join(corpora, 'notes.tsv'), '--frames', '--list', str(list_count)], check=False)
    return failed == 0


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument('program')
    arguments.add_argument('--list', type=int, default=0, help='how many misses and extras to print for each protocol')
    options = arguments.parse_args()
    shared = os.environ.get('PARAPET_SHARED', os.path.join(_ROOT, '..', 'shared'))
    with tempfile.TemporaryDirectory(prefix='parapet-corpora-') as folder:
        good = run_made(options.program, folder)
        good = run_shared(options.program, os.path.realpath(shared), folder, options.list) and good
    return 0 if good else 1


if __name__ == '__main__':
    sys.exit(main())
