#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The steps of tools/test in their order, each with its time; the last line counts what passed and failed."""

import glob
import json
import os
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
from suite_builds import CLANG, GCC, build_clang, build_gcc, run_meson_tests  # noqa: E402
from suite_steps import ROOT, Steps, Tally  # noqa: E402

_REPLAY = os.path.join('src', 'app', 'cli', 'parapet')


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


def run_unit(steps):
    if build_gcc(steps):
        run_meson_tests(steps, GCC, 'gcc: unit tests and cases')
        steps.run('canonical forms against published cases',
                  ['tests/vectors/run.py', os.path.join(GCC, 'tests', 'vectors', 'canonical_forms')], show=True)
    run_watched_unit(steps)


def run_watched_unit(steps):
    if build_clang(steps):
        run_meson_tests(steps, CLANG, 'clang-19 with ASan and UBSan: unit tests and cases')


def run_captures(steps):
    steps.run('agreement with a truth finds planted faults', ['tests/corpora/self_test.py'])
    if build_clang(steps):
        steps.run('clang-19 with ASan and UBSan: replay of captures',
                  ['tests/corpora/run.py', os.path.join(CLANG, _REPLAY)], show=True,
                  environment={'LLVM_PROFILE_FILE': os.devnull})
    if build_gcc(steps):
        steps.run('the same requests as tshark finds', ['tests/differential/run.py', os.path.join(GCC, _REPLAY)], show=True)
        steps.run('a blind reader is noticed', ['tests/differential/self_test.py', os.path.join(GCC, _REPLAY)])


def run_fuzz(steps, arguments):
    if build_clang(steps):
        steps.run('fuzz targets', ['tests/fuzz/run.py', CLANG, *arguments], show=True)


def run_coverage(steps):
    """Of the clang build's tests, which have run."""
    steps.run('coverage of the parsers', ['tests/coverage/run.py', CLANG], show=True)


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
    if what in ('all', 'captures'):
        run_captures(steps)
    if what == 'coverage':
        run_watched_unit(steps)
    if what in ('all', 'coverage'):
        run_coverage(steps)
    if what in ('all', 'fuzz'):
        run_fuzz(steps, names if what == 'fuzz' else ['--short'])
    if what in ('all', 'system', 'long'):
        run_system(steps, names, what == 'long')
    if what == 'mutants':
        run_mutants(steps, names)
    if what not in ('all', 'static', 'unit', 'captures', 'fuzz', 'coverage', 'system', 'long', 'mutants'):
        print(f'tools/test: unknown part {what}; see tools/test --help', file=sys.stderr)
        return 2
    print(f'\n{time.monotonic() - began:.0f} s')
    print(steps.tally.line())
    return 1 if steps.tally.failed else 0


if __name__ == '__main__':
    sys.exit(main())
