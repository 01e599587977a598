#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Plants one fault at a time into a copy of the tree and sees that the named test notices: tests/mutants/run.py [NAME...]

Each tests/mutants/NAME.patch begins with lines that patch(1) skips:

    Fault: one sentence that says what is broken
    Build: ninja targets, apart by blanks
    Test: a command, run from the copy's root with BUILD in its environment; it must fail, and end by itself

A command that passes with the fault planted means the fault went unnoticed. Without any fault every command must pass.
"""

import glob
import os
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.realpath(os.path.join(HERE, '..', '..'))
_COPIED = ('conf', 'docs', 'ebpf', 'src', 'tests', 'meson.build', 'meson_options.txt')
_TIME_LIMIT_S = 300


class Mutant:
    def __init__(self, path):
        self.path = path
        self.name = os.path.basename(path)[:-len('.patch')]
        fields = {}
        with open(path, encoding='utf-8') as patch:
            for line in patch:
                if line.startswith('--- '):
                    break
                key, _, value = line.partition(':')
                fields[key.strip()] = value.strip()
        self.fault, self.targets, self.test = fields['Fault'], fields['Build'].split(), fields['Test']


class Tree:
    """A copy of the tree with a build folder of its own, so that only what a fault touches is compiled again."""

    def __init__(self, root):
        self.root = root
        self.build = os.path.join(root, 'build', 'mutants')
        for name in _COPIED:
            source = os.path.join(ROOT, name)
            if os.path.isdir(source):
                shutil.copytree(source, os.path.join(root, name), symlinks=True,
                                ignore=shutil.ignore_patterns('__pycache__'))
            elif os.path.exists(source):
                shutil.copy2(source, os.path.join(root, name))

    def run(self, argv, **options):
        return subprocess.run(argv, cwd=self.root, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors='replace', check=False, **options)

    def configure(self):
        return self.run(['meson', 'setup', self.build, '--buildtype=debugoptimized', '--optimization=1'])

    def make(self, targets):
        return self.run(['ninja', '-C', self.build, '-j', str(len(os.sched_getaffinity(0))), *targets])

    def patch(self, mutant):
        return self.run(['patch', '-p1', '--forward', '--fuzz=3', '--no-backup-if-mismatch', '-i', mutant.path])

    def unpatch(self, mutant):
        return self.run(['patch', '-p1', '--reverse', '--fuzz=3', '--no-backup-if-mismatch', '-i', mutant.path])

    def test(self, mutant):
        """Exit code of the mutant's test and the end of its output; a test that does not end has noticed nothing."""
        try:
            done = self.run(['/bin/bash', '-c', mutant.test], timeout=_TIME_LIMIT_S,
                            env=dict(os.environ, BUILD=self.build, PYTHONDONTWRITEBYTECODE='1'))
            return done.returncode, done.stdout
        except subprocess.TimeoutExpired:
            return 0, f'not ended after {_TIME_LIMIT_S} s'


def tail(text, lines=25):
    return ''.join(f'      {line}\n' for line in text.splitlines()[-lines:])


def check(tree, mutant):
    """Returns what went wrong, or None where the fault was noticed."""
    patched = tree.patch(mutant)
    if patched.returncode != 0:
        return f'the patch does not apply\n{tail(patched.stdout)}'
    try:
        made = tree.make(mutant.targets)
        if made.returncode != 0:
            return f'the tree with the fault does not build\n{tail(made.stdout)}'
        code, output = tree.test(mutant)
        return f'went UNNOTICED by: {mutant.test}\n{tail(output)}' if code == 0 else None
    finally:
        tree.unpatch(mutant)


def main():
    chosen = [Mutant(path) for path in sorted(glob.glob(os.path.join(HERE, '*.patch')))
              if not sys.argv[1:] or os.path.basename(path)[:-len('.patch')] in sys.argv[1:]]
    if not chosen:
        print('mutants: none of that name')
        return 2
    failed = 0
    with tempfile.TemporaryDirectory(prefix='parapet-mutants-') as root:
        tree = Tree(root)
        began = time.monotonic()
        for step in (tree.configure(), tree.make(sorted({target for each in chosen for target in each.targets}))):
            if step.returncode != 0:
                print(f'the tree without any fault does not build\n{tail(step.stdout)}')
                return 1
        print(f'  built without a fault in {time.monotonic() - began:.0f} s', flush=True)
        for test in sorted({each.test for each in chosen}):
            code, output = tree.test(next(each for each in chosen if each.test == test))
            if code != 0:
                print(f'  FAILED  without any fault: {test}\n{tail(output)}', flush=True)
                failed += 1
        for mutant in chosen:
            began = time.monotonic()
            wrong = check(tree, mutant)
            failed += wrong is not None
            print(f'  {"FAILED " if wrong else "noticed"}  {mutant.name}: {mutant.fault} {wrong or ""} '
                  f'({time.monotonic() - began:.0f} s)', flush=True)
    print(f'  {len(chosen)} planted faults, {failed} failures')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
