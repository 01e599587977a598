# SPDX-License-Identifier: Apache-2.0
"""Running commands as steps of tools/test, and counting what passed and failed."""

import os
import subprocess
import time

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), '..'))


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
                              stderr=None if show else subprocess.STDOUT, text=True, errors='replace', check=False)
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
