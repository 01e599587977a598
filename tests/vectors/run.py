#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the canonical form (docs/formats/canonical.md) against published cases of URLs, names and requests.

  tests/vectors/run.py [--show] CANONICAL_FORMS

CANONICAL_FORMS is the program of that name in a build folder. First our own cases (made.jsonl), then, where the folder
$PARAPET_SHARED (default: ../shared beside the checkout) has them, those of its corpora/urltests, which nobody here wrote.
Sets that bind must agree in every case but for the exceptions of exceptions.py, each with its reason; sets that inform are
counted, and docs/formats/canonical.md says why they differ.
  --show   prints each case that differs, of informing sets too, and the rule that excuses it
The last line says "N passed, N failed". Exit status: 0 all that binds agrees, 1 it does not.
"""

import argparse
import collections
import json
import os
import subprocess
import sys

_HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, _HERE)
import binding  # noqa: E402
import exceptions  # noqa: E402
import informing  # noqa: E402

_ROOT = os.path.realpath(os.path.join(_HERE, '..', '..'))
_SYSTEM_SUFFIXES = '/usr/share/publicsuffix/public_suffix_list.dat'


class Forms:
    """The program that answers, one question at a time."""

    def __init__(self, program, suffixes):
        self.process = subprocess.Popen([program, suffixes], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding='utf-8')

    def ask(self, ask, **fields):
        self.process.stdin.write(json.dumps(dict(fields, ask=ask)) + '\n')
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        return self.process.wait()


def read_cases(path):
    """The cases; lone halves of surrogate pairs become U+FFFD, as WHATWG URL takes its input."""
    with open(path, encoding='utf-8') as lines:
        for line in lines:
            row = json.loads(line)
            yield json.loads(json.dumps(row, ensure_ascii=False).encode('utf-16-le', 'surrogatepass')
                             .decode('utf-16-le', 'replace'))


def run_file(path, suffixes, program, show):
    forms = Forms(program, suffixes)
    binds, informs, excused = collections.Counter(), collections.Counter(), collections.Counter()
    for row in read_cases(path):
        name, case = row['set'], row['case']
        check = binding.CHECKS.get(name)
        problem = (check or informing.CHECKS.get(name, informing.not_read))(forms, case)
        if problem is binding.OUT_OF_SCOPE:
            continue
        rule = exceptions.excuse(name, case, problem) if problem and check else None
        outcome = 'agrees' if not problem else 'excused' if rule else 'differs'
        (binds if check else informs)[name, outcome] += 1
        if rule:
            excused[rule] += 1
        if problem and (show or (check and not rule)):
            print(f'  {row["id"]}: {problem}' + (f' [{rule}]' if rule else ''))
    if forms.close() != 0:
        sys.exit('vectors: the program broke off')
    for title, counts in (('bind', binds), ('inform', informs)):
        for name in sorted({name for name, _ in counts}):
            print(f'  {title:6} {name:40} ' + '  '.join(
                f'{outcome} {counts[name, outcome]}' for outcome in ('agrees', 'excused', 'differs')))
    for rule, count in sorted(excused.items()):
        print(f'  excused {count:4}  {rule}: {exceptions.REASONS[rule]}')
    agree = sum(count for (_, outcome), count in binds.items() if outcome != 'differs')
    return agree, sum(count for (_, outcome), count in binds.items() if outcome == 'differs')


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument('--show', action='store_true')
    arguments.add_argument('program', metavar='CANONICAL_FORMS')
    options = arguments.parse_args()
    print('made cases')
    passed, failed = run_file(os.path.join(_HERE, 'made.jsonl'), _SYSTEM_SUFFIXES, options.program, options.show)
    shared = os.environ.get('PARAPET_SHARED') or os.path.join(_ROOT, '..', 'shared')
    folder = os.path.join(shared, 'corpora', 'urltests')
    published = os.path.join(folder, 'open.jsonl')
    if os.path.exists(published):
        print('published cases')
        suffixes = os.path.join(folder, 'public_suffix_list.dat')
        more = run_file(published, suffixes if os.path.exists(suffixes) else _SYSTEM_SUFFIXES, options.program, options.show)
        passed, failed = passed + more[0], failed + more[1]
    else:
        print(f'published cases: none here (no {published}); only the made ones were run')
    print(f'{passed} passed, {failed} failed')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
