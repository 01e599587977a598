#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the system tests: tests/system/run.py [--build DIR] [--long] [--summary FILE] [NAME...]

NAME is a file without test_ and .py, or FILE.CLASS or FILE.CLASS.TEST in the same short form; default: all files.
"""

import argparse
import glob
import json
import os
import sys
import time
import unittest

HERE = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.realpath(os.path.join(HERE, '..', '..'))


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


def main():
    parser = argparse.ArgumentParser(prog='tests/system/run.py')
    parser.add_argument('--build', default=os.path.join(ROOT, 'build', 'gcc'))
    parser.add_argument('--long', action='store_true')
    parser.add_argument('--summary')
    parser.add_argument('names', nargs='*')
    options = parser.parse_args()
    os.environ['PARAPET_BUILD'] = os.path.realpath(options.build)
    os.environ['PARAPET_LONG'] = '1' if options.long else '0'
    sys.path.insert(0, HERE)
    from lab.processes import Interrupted, raise_on_signals
    raise_on_signals()
    names = options.names or sorted(os.path.basename(path)[:-3] for path in glob.glob(os.path.join(HERE, 'test_*.py')))
    runner = unittest.TextTestRunner(stream=sys.stdout, verbosity=0, resultclass=TimedResult)
    try:
        result = runner.run(load(names))
    except Interrupted as signal_name:
        print(f'{signal_name}: everything is removed', file=sys.stderr)
        return 130
    failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    if options.summary:
        with open(options.summary, 'w', encoding='ascii') as out:
            json.dump({'passed': result.passed, 'failed': failed, 'skipped': len(result.skipped)}, out)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
