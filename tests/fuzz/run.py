#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the fuzz targets, each over its corpus and then on from there: tests/fuzz/run.py BUILD [OPTION...] [NAME...]

BUILD is a build folder made with -Dfuzz=true and, best, sanitizers. Each target takes up the committed inputs of
tests/fuzz/corpus/NAME and what earlier runs found (BUILD/corpus/NAME), and the words of tests/fuzz/NAME.dict. NAME goes with
or without "fuzz_"; default: all targets.

  --minutes N       N minutes in all, shared out evenly; default: 5 seconds for each target
  --executions N    goes on until each target has run N inputs
  --keep            afterwards replaces the committed inputs by the fewest that reach all that was reached
Exit status: 0 nothing was found, 1 a crash, a leak, a timeout or too much memory: the input stands in BUILD/found/.
"""

import argparse
import concurrent.futures
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

_HERE = os.path.dirname(os.path.realpath(__file__))
_SHORT_S = 5
_INPUT_TIMEOUT_S = 10
_MEMORY_MB = 2048
_MAX_KEPT_LENGTH = 2048
_KINDS = ('crash', 'leak', 'timeout', 'oom')
_SANITIZERS = {'UBSAN_OPTIONS': 'halt_on_error=1:print_stacktrace=1', 'ASAN_OPTIONS': 'detect_stack_use_after_return=1:quarantine_size_mb=16',
               'ASAN_SYMBOLIZER_PATH': '/usr/bin/llvm-symbolizer-19'}


class Result(NamedTuple):
    name: str
    executions: int
    seconds: float
    found: dict  # kind → how many inputs
    status: int
    output: str

    def is_clean(self):
        return self.status == 0 and not any(self.found.values())


class Target:
    def __init__(self, build, program):
        self.program = program
        self.name = os.path.basename(program)
        self.committed = os.path.join(_HERE, 'corpus', self.name)
        self.grown = os.path.join(build, 'corpus', self.name)
        self.found = os.path.join(build, 'found', self.name)
        self.words = os.path.join(_HERE, f'{self.name}.dict')

    def corpora(self):
        return [folder for folder in (self.grown, self.committed) if os.path.isdir(folder)]

    def run(self, seconds, executions):
        shutil.rmtree(self.found, ignore_errors=True)
        os.makedirs(self.found)
        os.makedirs(self.grown, exist_ok=True)
        argv = [self.program, f'-max_total_time={seconds}', f'-runs={executions}', f'-timeout={_INPUT_TIMEOUT_S}',
                f'-rss_limit_mb={_MEMORY_MB}', '-print_final_stats=1', f'-artifact_prefix={self.found}/']
        if os.path.exists(self.words):
            argv.append(f'-dict={self.words}')
        began = time.monotonic()
        ended = subprocess.run(argv + self.corpora(), env=dict(os.environ, **_SANITIZERS), stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        output = ended.stdout.decode('utf-8', 'replace')
        ran = re.search(r'number_of_executed_units:\s*(\d+)', output)
        found = {kind: len(glob.glob(os.path.join(self.found, f'{kind}-*'))) for kind in _KINDS}
        return Result(self.name, int(ran.group(1)) if ran else 0, time.monotonic() - began, found, ended.returncode, output)

    def keep(self):
        """The fewest inputs that reach what both corpora reach become the committed ones."""
        with tempfile.TemporaryDirectory(prefix='parapet-fuzz-') as fewest:
            subprocess.run([self.program, '-set_cover_merge=1', f'-max_len={_MAX_KEPT_LENGTH}', fewest, *self.corpora()],
                           stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
            shutil.rmtree(self.committed, ignore_errors=True)
            shutil.copytree(fewest, self.committed)


def targets_of(build, names):
    found = {os.path.basename(path): Target(build, path)
             for path in sorted(glob.glob(os.path.join(build, 'tests', 'fuzz', 'fuzz_*'))) if os.path.isfile(path)}
    if not names:
        return list(found.values())
    wanted = [name if name.startswith('fuzz_') else f'fuzz_{name}' for name in names]
    unknown = [name for name in wanted if name not in found]
    if unknown:
        sys.exit(f'fuzz: no target {unknown[0]}; there are: {" ".join(found)}')
    return [found[name] for name in wanted]


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument('build', metavar='BUILD')
    arguments.add_argument('names', metavar='NAME', nargs='*')
    arguments.add_argument('--minutes', type=float)
    arguments.add_argument('--executions', type=int)
    arguments.add_argument('--keep', action='store_true')
    options = arguments.parse_intermixed_args()
    targets = targets_of(options.build, options.names)
    jobs = len(os.sched_getaffinity(0))
    seconds = _SHORT_S
    if options.minutes:
        seconds = max(1, int(options.minutes * 60 * min(jobs, len(targets)) / len(targets)))
    elif options.executions:
        seconds = 0  # no bound
    clean = True
    print(f'{"target":22} {"executions":>11} {"per s":>8} ' + ' '.join(f'{kind:>7}' for kind in _KINDS))
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for result in pool.map(lambda target: target.run(seconds, options.executions or -1), targets):
            print(f'{result.name:22} {result.executions:11,} {result.executions / result.seconds:8,.0f} '
                  + ' '.join(f'{result.found[kind]:7}' for kind in _KINDS), flush=True)
            if not result.is_clean():
                clean = False
                print('\n'.join('    ' + line for line in result.output.splitlines()[-40:]), flush=True)
    if options.keep and clean:
        for target in targets:
            target.keep()
    return 0 if clean else 1


if __name__ == '__main__':
    sys.exit(main())
