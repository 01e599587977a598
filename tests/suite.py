#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The steps of tools/test in their order, each with its time; the last line counts what passed and failed."""

import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), '..'))
GCC = os.path.join(ROOT, 'build', 'gcc')
CLANG = os.path.join(ROOT, 'build', 'clang')


class Tally:
    def __init__(self):
        self.passed = 0
        self.failed = 0
        self.skipped = 0

    def add(self, passed=0, failed=0, skipped=0):
        self.passed += passed
        self.failed += failed
        self.skipped += skipped

    def line(self):
        skipped = f', {self.skipped} skipped' if self.skipped else ''
        return f'{self.passed} passed, {self.failed} failed{skipped}'


class Steps:
    """Runs commands as steps; a failed one shows its output and does not stop the others."""

    def __init__(self):
        self.tally = Tally()

    def run(self, title, argv, show=False, environment=None, count=None):
        """Returns True where it passed. count(exit code) → Tally of the step; default: one test."""
        began = time.monotonic()
        print(f'── {title}', flush=True)
        env = dict(os.environ, LC_ALL='C.UTF-8', **(environment or {}))
        output = None if show else subprocess.PIPE
        done = subprocess.run(argv, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=output,
                              stderr=None if show else subprocess.STDOUT, text=True, check=False)
        ok = done.returncode == 0
        if not ok and not show:
            print(''.join(f'   {line}\n' for line in done.stdout.splitlines()[-80:]), end='')
        part = count(done.returncode) if count else None
        if part is None:
            part = Tally()
            part.add(passed=int(ok), failed=int(not ok))
        elif not ok and part.failed == 0:
            part.add(failed=1)
        self.tally.add(part.passed, part.failed, part.skipped)
        print(f'   {"ok" if ok else "FAILED"}  {part.line()}  {time.monotonic() - began:.1f} s', flush=True)
        return ok


def sources(*patterns):
    found = []
    for pattern in patterns:
        found += glob.glob(os.path.join(ROOT, pattern), recursive=True)
    return sorted(os.path.relpath(path, ROOT) for path in found)


def run_static(steps):
    scripts = [path for path in sources('tools/*', '.ci/run', 'tests/**/*') if _is_shell(path)]
    steps.run('shellcheck of the scripts', ['shellcheck', *scripts])
    steps.run('formatting', ['clang-format-19', '--dry-run', '-Werror',
                             *sources('src/**/*.h', 'src/**/*.cpp', 'tests/**/*.h', 'tests/**/*.cpp', 'tests/**/*.c',
                                      'ebpf/*.c', 'ebpf/*.h')])
    steps.run('layer check', ['tests/layers.py'])
    steps.run('layer check finds planted faults', ['tests/layers.py', '--self-test'])
    steps.run('first lines and addresses', ['tests/first_lines.py'])
    steps.run('schema of what is stored and sent', ['tests/schema_test.py'])
    steps.run('schema test finds planted faults', ['tests/schema_test.py', '--self-test'])
    steps.run('metrics page', ['tests/metrics_page.py'])


def _is_shell(path):
    full = os.path.join(ROOT, path)
    if not os.path.isfile(full):
        return False
    with open(full, 'rb') as script:
        return script.readline().rstrip() in (b'#!/bin/bash', b'#!/bin/sh')


def build(steps, folder, title, options, environment):
    """Configures where that is not done yet, and builds."""
    ready = True
    if not os.path.exists(os.path.join(folder, 'build.ninja')):
        shutil.rmtree(folder, ignore_errors=True)
        ready = steps.run(f'{title}: configure', ['meson', 'setup', folder, *options], environment=environment)
    return ready and steps.run(f'{title}: build', ['ninja', '-C', folder, '-j', str(len(os.sched_getaffinity(0)))])


def build_gcc(steps):
    return build(steps, GCC, 'gcc', ['--buildtype=debugoptimized'], {'CC': 'gcc', 'CXX': 'g++'})


def build_clang(steps):
    return build(steps, CLANG, 'clang-19 with ASan and UBSan',
                 ['--buildtype=debugoptimized', '-Db_sanitize=address,undefined', '-Db_lundef=false'],
                 {'CC': 'clang-19', 'CXX': 'clang++-19'})


def count_meson_tests(folder):
    """Test cases out of meson's JUnit file: a gtest executable counts by its cases, anything else as one."""
    def count(_code):
        path = os.path.join(folder, 'meson-logs', 'testlog.junit.xml')
        if not os.path.exists(path):
            return None
        part = Tally()
        for case in xml.etree.ElementTree.parse(path).getroot().iter('testcase'):
            if case.find('failure') is not None or case.find('error') is not None:
                part.add(failed=1)
            elif case.find('skipped') is not None:
                part.add(skipped=1)
            else:
                part.add(passed=1)
        return part
    return count


def run_meson_tests(steps, folder, title):
    log = os.path.join(folder, 'meson-logs', 'testlog.junit.xml')
    if os.path.exists(log):
        os.unlink(log)
    steps.run(title, ['meson', 'test', '-C', folder, '--no-rebuild', '--print-errorlogs',
                      '--num-processes', str(len(os.sched_getaffinity(0)))],
              environment={'UBSAN_OPTIONS': 'halt_on_error=1:print_stacktrace=1',
                           'ASAN_OPTIONS': 'detect_stack_use_after_return=1',
                           'ASAN_SYMBOLIZER_PATH': '/usr/bin/llvm-symbolizer-19'},
              count=count_meson_tests(folder))


def run_unit(steps):
    if build_gcc(steps):
        run_meson_tests(steps, GCC, 'gcc: unit tests and cases')
    if build_clang(steps):
        run_meson_tests(steps, CLANG, 'clang-19 with ASan and UBSan: unit tests and cases')
        steps.run('clang-19 with ASan and UBSan: replay of captures',
                  ['tests/corpora/run.py', os.path.join(CLANG, 'src', 'app', 'cli', 'parapet')], show=True)


def run_system(steps, names, long_rounds=False):
    if not build_gcc(steps):
        return
    as_root = [] if os.geteuid() == 0 else ['sudo']
    with tempfile.NamedTemporaryFile('r', suffix='.json') as summary:
        def count(_code):
            try:
                part = Tally()
                part.add(**json.load(summary))
                return part
            except ValueError:
                return None
        steps.run('system tests', [*as_root, '/usr/bin/python3', '-B', 'tests/system/run.py', '--build', GCC,
                                   '--summary', summary.name, *(['--long'] if long_rounds else []), *names],
                  show=True, count=count)


def run_mutants(steps, names):
    as_root = [] if os.geteuid() == 0 else ['sudo']
    steps.run('mutants', [*as_root, '/usr/bin/python3', '-B', 'tests/mutants/run.py', *names], show=True)


def main():
    what, names = (sys.argv[1] if len(sys.argv) > 1 else 'all'), sys.argv[2:]
    began = time.monotonic()
    steps = Steps()
    if what in ('all', 'static'):
        run_static(steps)
    if what in ('all', 'unit'):
        run_unit(steps)
    if what in ('all', 'system', 'long'):
        run_system(steps, names, what == 'long')
    if what == 'mutants':
        run_mutants(steps, names)
    if what not in ('all', 'static', 'unit', 'system', 'long', 'mutants'):
        print(f'tools/test: unknown part {what}; see tools/test --help', file=sys.stderr)
        return 2
    print(f'\n{time.monotonic() - began:.0f} s')
    print(steps.tally.line())
    return 1 if steps.tally.failed else 0


if __name__ == '__main__':
    sys.exit(main())
