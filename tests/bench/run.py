#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What a frame costs, by kind of frame: what tools/bench runs. Times are nanoseconds on one core.

  tests/bench/run.py [--json] [--rounds N]
  tests/bench/run.py --against REV [--json] [--rounds N]

Against a revision: its sources are checked out beside (build/against), built with this tree's benchmark and measured in turn
with this tree's, round by round, so that a busy machine burdens both. The ratio of the medians is shown; exit status 1
where a bulk frame costs over 10 % more.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys

_ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), '..', '..'))
_BUILD = os.path.join(_ROOT, 'build', 'bench')
_OTHER = os.path.join(_ROOT, 'build', 'against')
_PROGRAM = os.path.join('tests', 'bench', 'bench_pipeline')
_BULK = ('bulk_down', 'bulk_up')
_MAY_COST = 1.10


def run(*argv, cwd=_ROOT):
    ended = subprocess.run(argv, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                           text=True, check=False)
    if ended.returncode != 0:
        sys.exit(f'bench: {" ".join(argv)} failed:\n{ended.stdout[-3000:]}')
    return ended.stdout


def build(source, folder):
    """Returns the benchmark's path."""
    if not os.path.exists(os.path.join(folder, 'build.ninja')):
        run('meson', 'setup', folder, source, '--buildtype=debugoptimized', '-Dparapet_edge=false')
    run('ninja', '-C', folder, '-j', str(len(os.sched_getaffinity(0))), _PROGRAM)
    return os.path.join(folder, _PROGRAM)


def check_out(revision):
    """The revision's tree with this tree's benchmark and its helpers; returns the folder."""
    run('git', 'worktree', 'prune')
    tree = os.path.join(_OTHER, 'tree')
    if os.path.isdir(tree):
        run('git', 'worktree', 'remove', '--force', tree)
    run('git', 'worktree', 'add', '--detach', tree, revision)
    for part in ('bench', 'support'):
        shutil.rmtree(os.path.join(tree, 'tests', part), ignore_errors=True)
        shutil.copytree(os.path.join(_ROOT, 'tests', part), os.path.join(tree, 'tests', part),
                        ignore=shutil.ignore_patterns('__pycache__'))
    return tree


def measure(program):
    """{case: (what it is, nanoseconds of one round)}"""
    rows = [json.loads(line) for line in run(program, '--json', '1').splitlines()]
    return {row['case']: (row['what'], row['ns'][0]) for row in rows}


def measure_in_turn(programs, rounds):
    """For each program {case: [nanoseconds, ...]}, and {case: what it is}."""
    times = [{} for _ in programs]
    what = {}
    for _ in range(rounds):
        for program, gathered in zip(programs, times):
            for case, (words, value) in measure(program).items():
                what[case] = words
                gathered.setdefault(case, []).append(value)
    return times, what


def spread(values):
    return f'{statistics.median(values):8.1f} [{min(values):.0f}-{max(values):.0f}]'


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument('--against', metavar='REV')
    arguments.add_argument('--rounds', type=int, default=7)
    arguments.add_argument('--json', action='store_true')
    options = arguments.parse_args()
    programs = [build(_ROOT, _BUILD)]
    if options.against:
        programs.insert(0, build(check_out(options.against), os.path.join(_OTHER, 'build')))
    times, what = measure_in_turn(programs, options.rounds)
    now = times[-1]
    before = times[0] if options.against else {}
    if options.json:
        print(json.dumps([{'case': case, 'what': what[case], 'ns': now.get(case), 'ns_before': before.get(case)}
                          for case in what]))
    else:
        print(f'{"ns a frame, median [least-most]":42} ' + (f'{options.against:>22} ' if before else '') + f'{"this tree":>22}')
        for case, words in what.items():
            columns = [spread(times_of[case]) if case in times_of else '-' for times_of in times]
            ratio = ''
            if case in now and case in before:
                ratio = f'  {statistics.median(now[case]) / statistics.median(before[case]):.2f}'
            print(f'{words:42} ' + ' '.join(f'{column:>22}' for column in columns) + ratio)
    slower = [case for case in _BULK if case in before and case in now
              and statistics.median(now[case]) > _MAY_COST * statistics.median(before[case])]
    for case in slower:
        print(f'bench: {what[case]} costs over {_MAY_COST - 1:.0%} more than at {options.against}', file=sys.stderr)
    return 1 if slower else 0


if __name__ == '__main__':
    sys.exit(main())
