#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the fuzz targets, each over its corpus and then on from there: tests/fuzz/run.py BUILD [OPTION...] [NAME...]

BUILD is a build folder made with -Dfuzz=true and, best, sanitizers. Each target takes up the committed inputs of
tests/fuzz/corpus/NAME and what earlier runs found (BUILD/corpus/NAME), the words of tests/fuzz/NAME.dict, and libFuzzer's options
in tests/fuzz/NAME.options: how long an input may be. NAME goes with or without "fuzz_"; default: all targets.

  --short           the same inputs each time, for at most 3 seconds a target
  --minutes N       N minutes in all, shared out evenly; default: 5 seconds for each target
  --executions N    goes on until each target has run N inputs, on all processors, one target after the other
  --keep            afterwards replaces the committed inputs by the fewest that reach all that was reached
Exit status: 0 nothing was found, 1 a crash, a leak, a timeout or too much memory: the input stands in BUILD/found/.
"""

import argparse
import concurrent.futures
import configparser
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
_DEFAULT_S = 5
_SHORT_S, _SHORT_EXECUTIONS, _SHORT_SEED = 3, 20000, 1
_INPUT_TIMEOUT_S = 10
_MEMORY_MB = 2048
_MAX_KEPT_LENGTH = 2048
_KINDS = ('crash', 'leak', 'timeout', 'oom')
_ENVIRONMENT = {'UBSAN_OPTIONS': 'halt_on_error=1:print_stacktrace=1',
                'ASAN_OPTIONS': 'detect_stack_use_after_return=1:quarantine_size_mb=16',
                'ASAN_SYMBOLIZER_PATH': '/usr/bin/llvm-symbolizer-19',
                'LLVM_PROFILE_FILE': os.devnull}  # lines are counted over the corpus, by tests/coverage/run.py


class Part(NamedTuple):
    """One process of a target's run."""
    executions: int
    seconds: float
    status: int
    output: str


class Result(NamedTuple):
    name: str
    parts: list
    found: dict  # kind → how many inputs

    def is_clean(self):
        return not any(part.status for part in self.parts) and not any(self.found.values())

    def executions(self):
        return sum(part.executions for part in self.parts)

    def executions_a_second(self):
        """Of one processor."""
        return self.executions() / sum(part.seconds for part in self.parts)


class Target:
    def __init__(self, build, program):
        self.program = program
        self.name = os.path.basename(program)
        self.committed = os.path.join(_HERE, 'corpus', self.name)
        self.grown = os.path.join(build, 'corpus', self.name)
        self.found = os.path.join(build, 'found', self.name)
        self.words = os.path.join(_HERE, f'{self.name}.dict')
        self.options = configparser.ConfigParser()
        self.options.read(os.path.join(_HERE, f'{self.name}.options'), encoding='utf-8')

    def corpora(self):
        return [folder for folder in (self.grown, self.committed) if os.path.isdir(folder)]

    def prepare(self):
        shutil.rmtree(self.found, ignore_errors=True)
        os.makedirs(self.found)
        os.makedirs(self.grown, exist_ok=True)

    def run(self, seconds, executions, seed):
        argv = [self.program, f'-max_total_time={seconds}', f'-runs={executions}', f'-timeout={_INPUT_TIMEOUT_S}',
                f'-rss_limit_mb={_MEMORY_MB}', f'-seed={seed}', '-print_final_stats=1', f'-artifact_prefix={self.found}/']
        if os.path.exists(self.words):
            argv.append(f'-dict={self.words}')
        if 'libfuzzer' in self.options:
            argv += [f'-{name}={value}' for name, value in self.options['libfuzzer'].items()]
        began = time.monotonic()
        ended = subprocess.run(argv + self.corpora(), env=dict(os.environ, **_ENVIRONMENT), stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        output = ended.stdout.decode('utf-8', 'replace')
        ran = re.search(r'number_of_executed_units:\s*(\d+)', output)
        return Part(int(ran.group(1)) if ran else 0, time.monotonic() - began, ended.returncode, output)

    def result(self, parts):
        found = {kind: len(glob.glob(os.path.join(self.found, f'{kind}-*'))) for kind in _KINDS}
        return Result(self.name, parts, found)

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


def print_result(result):
    print(f'{result.name:22} {result.executions():11,} {result.executions_a_second():8,.0f} '
          + ' '.join(f'{result.found[kind]:7}' for kind in _KINDS), flush=True)
    for part in result.parts:
        if part.status != 0:
            print('\n'.join('    ' + line for line in part.output.splitlines()[-40:]), flush=True)
    return result.is_clean()


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument('build', metavar='BUILD')
    arguments.add_argument('names', metavar='NAME', nargs='*')
    arguments.add_argument('--short', action='store_true')
    arguments.add_argument('--minutes', type=float)
    arguments.add_argument('--executions', type=int)
    arguments.add_argument('--keep', action='store_true')
    options = arguments.parse_intermixed_args()
    targets = targets_of(options.build, options.names)
    jobs = len(os.sched_getaffinity(0))
    seconds, executions, seed, parts = _DEFAULT_S, -1, 0, 1  # any number, any seed
    if options.short:
        seconds, executions, seed = _SHORT_S, _SHORT_EXECUTIONS, _SHORT_SEED
    elif options.minutes:
        seconds = max(1, int(options.minutes * 60 * min(jobs, len(targets)) / len(targets)))
    elif options.executions:
        # No bound of time; the parts of one target take over from each other what they find.
        seconds, executions, parts = 0, -(-options.executions // jobs), jobs
    clean = True
    print(f'{"target":22} {"executions":>11} {"per s":>8} ' + ' '.join(f'{kind:>7}' for kind in _KINDS))
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        runs = {}
        for target in targets:
            target.prepare()
            for _ in range(parts):
                runs[pool.submit(target.run, seconds, executions, seed)] = target
        ended = {target: [] for target in targets}
        for run in concurrent.futures.as_completed(runs):
            target = runs[run]
            ended[target].append(run.result())
            if len(ended[target]) == parts:
                clean &= print_result(target.result(ended[target]))
    if options.keep and clean:
        for target in targets:
            target.keep()
    return 0 if clean else 1


if __name__ == '__main__':
    sys.exit(main())
