#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How much of the parsers the tests reach: tests/coverage/run.py BUILD

BUILD is a build folder of clang-19 with -fprofile-instr-generate -fcoverage-mapping and -Dfuzz=true, in which the unit tests and
cases have run with LLVM_PROFILE_FILE=BUILD/profiles/NAME.profraw. Runs each fuzz target over its committed inputs; then reads how
often each line of the parsers ran. A line that never ran must stand in uncovered.tsv with its reason, and at least 95 % of the
lines must have run. Branches are printed.
Exit status: 0 that holds, 1 it does not (or a target failed).
"""

import collections
import glob
import os
import subprocess
import sys
from typing import NamedTuple

_HERE = os.path.dirname(os.path.realpath(__file__))
_ROOT = os.path.realpath(os.path.join(_HERE, '..', '..'))
_PARSERS = ('src/packet/decode/', 'src/packet/extract/', 'src/packet/flow/', 'src/packet/quic/', 'src/packet/hpack/',
            'src/canon/')
_PROGRAMS = ('tests/unit/unit-packet_*', 'tests/unit/unit-canon', 'tests/cases/cases')
_LEAST = 0.95
_ENDS = ('}', '};', '});')  # run as the line before them does


class Reason(NamedTuple):
    file: str
    text: str  # the line without what indents it
    reason: str


class File:
    def __init__(self):
        self.lines = {}  # number → how often it ran
        self.branches = 0
        self.branches_taken = 0


def is_program(path):
    return os.path.isfile(path) and os.access(path, os.X_OK)


def find_programs(build):
    """(tests, fuzz targets)"""
    tests = [path for pattern in _PROGRAMS for path in sorted(glob.glob(os.path.join(build, pattern))) if is_program(path)]
    return tests, [path for path in sorted(glob.glob(os.path.join(build, 'tests', 'fuzz', 'fuzz_*'))) if is_program(path)]


def run_targets(targets, profiles):
    """Returns the names of those that failed."""
    environment = dict(os.environ, LLVM_PROFILE_FILE=os.path.join(profiles, 'fuzz-%m.profraw'))
    failed = []
    for program in targets:
        corpus = os.path.join(_ROOT, 'tests', 'fuzz', 'corpus', os.path.basename(program))
        ended = subprocess.run([program, '-runs=0', *([corpus] if os.path.isdir(corpus) else [])], cwd=_ROOT, env=environment,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if ended.returncode != 0:
            failed.append(os.path.basename(program))
            print(ended.stdout.decode('utf-8', 'replace')[-2000:])
    return failed


def read_coverage(programs, profiles):
    """{file from the root: File} of the parsers, as llvm-cov says."""
    merged = os.path.join(profiles, 'all.profdata')
    subprocess.run(['llvm-profdata-19', 'merge', '-sparse', '-o', merged, *glob.glob(os.path.join(profiles, '*.profraw'))],
                   check=True)
    objects = [word for program in programs[1:] for word in ('-object', program)]
    told = subprocess.run(['llvm-cov-19', 'export', '-format=lcov', f'-instr-profile={merged}', programs[0], *objects],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True).stdout
    files = collections.defaultdict(File)
    at = None
    for line in told.splitlines():
        key, _, value = line.partition(':')
        if key == 'SF':
            path = os.path.relpath(os.path.realpath(value), _ROOT)
            at = files[path] if path.startswith(_PARSERS) else None
        elif at is not None and key == 'DA':
            number, count = value.split(',')[:2]
            at.lines[int(number)] = max(at.lines.get(int(number), 0), int(count))
        elif at is not None and key == 'BRDA':
            at.branches += 1
            at.branches_taken += value.rsplit(',', 1)[1] not in ('-', '0')
    return {path: found for path, found in files.items() if found.lines}


def read_reasons():
    reasons = []
    with open(os.path.join(_HERE, 'uncovered.tsv'), encoding='utf-8') as lines:
        for line in lines:
            if line.strip() and not line.startswith('#'):
                reasons.append(Reason(*line.rstrip('\n').split('\t')))
    return reasons


def without_reason(files, reasons):
    """Returns ([(file, line number, text)] of lines that never ran and have no reason, reasons that fit none)."""
    bare, used = [], set()
    for path, found in sorted(files.items()):
        with open(os.path.join(_ROOT, path), encoding='utf-8') as source:
            text = source.read().splitlines()
        for number in sorted(number for number, count in found.lines.items() if count == 0):
            line = text[number - 1].strip()
            if line in _ENDS:
                continue
            fitting = [reason for reason in reasons if reason.file == path and reason.text == line]
            used.update(fitting)
            if not fitting:
                bare.append((path, number, line))
    return bare, [reason for reason in reasons if reason not in used]


def print_folders(files):
    """The table by folder; returns the share of lines that ran."""
    folders = collections.defaultdict(lambda: [0, 0, 0, 0])
    for path, found in files.items():
        for name in (os.path.dirname(path), 'all'):
            sums = folders[name]
            sums[0] += len(found.lines)
            sums[1] += sum(count > 0 for count in found.lines.values())
            sums[2] += found.branches
            sums[3] += found.branches_taken
    print(f'{"folder":22} {"lines":>7} {"ran":>7} {"share":>8} {"branches":>9} {"taken":>7} {"share":>8}')
    for name, (lines, ran, branches, taken) in sorted(folders.items(), key=lambda row: (row[0] == 'all', row[0])):
        print(f'{name:22} {lines:7} {ran:7} {ran / lines:8.2%} {branches:9} {taken:7} {taken / max(1, branches):8.2%}')
    return folders['all'][1] / folders['all'][0]


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith('-'):
        print(__doc__)
        return 2
    build = os.path.realpath(sys.argv[1])
    tests, targets = find_programs(build)
    if not tests or not targets:
        print(f'coverage: {build} holds no tests or no fuzz targets')
        return 1
    profiles = os.path.join(build, 'profiles')
    if not os.path.isdir(profiles):
        print(f'coverage: the tests have not run yet with LLVM_PROFILE_FILE={profiles}/NAME.profraw')
        return 1
    failed = run_targets(targets, profiles)
    files = read_coverage(tests + targets, profiles)
    share = print_folders(files)
    bare, unused = without_reason(files, read_reasons())
    for path, number, text in bare:
        print(f'  never ran, no reason: {path}:{number}: {text}')
    for reason in unused:
        print(f'  a reason without a line: {reason.file}: {reason.text}')
    for name in failed:
        print(f'  failed: {name}')
    if share < _LEAST:
        print(f'  {share:.2%} of the lines ran; at least {_LEAST:.0%} must')
    return 1 if failed or bare or unused or share < _LEAST else 0


if __name__ == '__main__':
    sys.exit(main())
