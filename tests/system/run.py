#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the system tests: tests/system/run.py [--build DIR] [--long] [--summary FILE] [NAME...]

NAME is a file without test_ and .py, or FILE.CLASS or FILE.CLASS.TEST in the same short form; default: all files. Files that need no
edge, so that no packet waits for them, then run first, some at a time.
"""

import argparse
import glob
import json
import os
import subprocess
import sys
import tempfile
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.realpath(os.path.join(HERE, '..', '..'))
AT_A_TIME = 3


class TimedResult(unittest.TextTestResult):
    """One line a test, with its time."""

    def startTest(self, test):
        unittest.TestResult.startTest(self, test)
        self.began = time.monotonic()
        name = '.'.join(test.id().split('.')[-2:])
        print(f'  {name}', flush=True)

    def _line(self, word):
        print(f'    {word:<6} {time.monotonic() - self.began:.1f} s', flush=True)

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1
        self._line('ok')

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._line('FAILED')

    def addError(self, test, err):
        super().addError(test, err)
        self.began = getattr(self, 'began', time.monotonic())
        self._line('ERROR')

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.began = getattr(self, 'began', time.monotonic())
        self._line(f'skipped: {reason}')

    passed = 0


def flatten(suite):
    for each in suite:
        if isinstance(each, unittest.TestSuite):
            yield from flatten(each)
        else:
            yield each


def load(names):
    """The tests of the named files, classes or methods; base classes without ports are left out."""
    loader = unittest.TestLoader()
    chosen = unittest.TestSuite()
    for name in names:
        full = name if name.startswith('test_') else f'test_{name}'
        for test in flatten(loader.loadTestsFromName(full)):
            if getattr(type(test), '__dict__', {}).get('__test__', True):
                chosen.addTest(test)
    return chosen


def needs_no_edge(name):
    from lab.lists_case import ListsCase
    return all(isinstance(test, ListsCase) for test in load([name]))


class Apart:
    """Files in processes of their own, some at a time."""

    def __init__(self, options):
        self._options = options
        self._running = set()

    def _run(self, name):
        """Returns the file's output and its counts."""
        with tempfile.NamedTemporaryFile('r', suffix='.json') as summary:
            words = ['--build', self._options.build, '--summary', summary.name, *(['--long'] if self._options.long else []), name]
            process = subprocess.Popen([sys.executable, '-B', os.path.realpath(__file__), *words], stdin=subprocess.DEVNULL,
                                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            self._running.add(process)
            output = process.communicate()[0]
            self._running.discard(process)
            try:
                return output, json.load(summary)
            except ValueError:
                return output, {'passed': 0, 'failed': 1, 'skipped': 0}

    def run(self, names):
        """Returns the counts of all together."""
        total = {'passed': 0, 'failed': 0, 'skipped': 0}
        with ThreadPoolExecutor(AT_A_TIME) as pool:
            try:
                for output, counts in pool.map(self._run, names):
                    print(output, end='', flush=True)
                    total = {key: total[key] + counts[key] for key in total}
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                for process in list(self._running):
                    process.terminate()
                raise
        return total


def run_here(names):
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=0, resultclass=TimedResult).run(load(names))
    failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    return {'passed': result.passed, 'failed': failed, 'skipped': len(result.skipped)}


def main():
    parser = argparse.ArgumentParser(prog='tests/system/run.py')
    parser.add_argument('--build', default=os.path.join(ROOT, 'build', 'gcc'))
    parser.add_argument('--long', action='store_true')
    parser.add_argument('--summary')
    parser.add_argument('names', nargs='*')
    options = parser.parse_args()
    os.environ['PARAPET_BUILD'] = options.build = os.path.realpath(options.build)
    os.environ['PARAPET_LONG'] = '1' if options.long else '0'
    sys.path.insert(0, HERE)
    from lab.processes import Interrupted, raise_on_signals
    raise_on_signals()
    names = options.names or sorted(os.path.basename(path)[:-3] for path in glob.glob(os.path.join(HERE, 'test_*.py')))
    apart = [] if options.names else [name for name in names if needs_no_edge(name)]
    try:
        counts = [Apart(options).run(apart), run_here([name for name in names if name not in apart])]
    except Interrupted as signal_name:
        print(f'{signal_name}: everything is removed', file=sys.stderr)
        return 130
    total = {key: sum(each[key] for each in counts) for key in counts[0]}
    if options.summary:
        with open(options.summary, 'w', encoding='ascii') as out:
            json.dump(total, out)
    return 1 if total['failed'] else 0


if __name__ == '__main__':
    sys.exit(main())
