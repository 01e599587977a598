# SPDX-License-Identifier: Apache-2.0
"""The build folders of tools/test, and meson's tests in them."""

import os
import shutil
import xml.etree.ElementTree

from suite_steps import ROOT, Tally

GCC = os.path.join(ROOT, 'build', 'gcc')
CLANG = os.path.join(ROOT, 'build', 'clang')
# One build for the sanitizers, for fuzzing and for coverage: with libFuzzer's instrumentation, and counts of the lines that ran.
# Of debugging it knows the lines alone, which is what reports need; types and variables take a fifth of the compile's time.
_COUNTED = '-fprofile-instr-generate -fcoverage-mapping'
_CLANG_OPTIONS = ['-Doptimization=2', '-Ddebug=false', '-Db_sanitize=address,undefined', '-Db_lundef=false', '-Dfuzz=true',
                  f'-Dcpp_args=-gline-tables-only {_COUNTED}', f'-Dcpp_link_args={_COUNTED}']
_BY_GCC = {'CC': 'gcc', 'CXX': 'g++'}
_BY_CLANG = {'CC': 'clang-19', 'CXX': 'clang++-19'}


def build(steps, folder, title, options, environment):
    """Configures where that is not done yet, and builds everything."""
    ready = True
    if not os.path.exists(os.path.join(folder, 'build.ninja')):
        shutil.rmtree(folder, ignore_errors=True)
        ready = steps.run(f'{title}: configure', ['meson', 'setup', folder, *options], environment=environment)
    return ready and steps.run(f'{title}: build', ['ninja', '-C', folder, '-j', str(len(os.sched_getaffinity(0)))])


def build_gcc(steps):
    return build(steps, GCC, 'gcc', ['--buildtype=debugoptimized'], _BY_GCC)


def build_clang(steps):
    return build(steps, CLANG, 'clang-19 with ASan and UBSan', _CLANG_OPTIONS, _BY_CLANG)


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
    profiles = os.path.join(folder, 'profiles')  # written where the build counts lines
    shutil.rmtree(profiles, ignore_errors=True)
    steps.run(title, ['meson', 'test', '-C', folder, '--no-rebuild', '--print-errorlogs',
                      '--num-processes', str(len(os.sched_getaffinity(0)))],
              environment={'UBSAN_OPTIONS': 'halt_on_error=1:print_stacktrace=1',
                           'ASAN_OPTIONS': 'detect_stack_use_after_return=1',
                           'ASAN_SYMBOLIZER_PATH': '/usr/bin/llvm-symbolizer-19',
                           'LLVM_PROFILE_FILE': os.path.join(profiles, 'tests-%4m.profraw')},
              count=count_meson_tests(folder))
