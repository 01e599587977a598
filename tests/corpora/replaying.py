# SPDX-License-Identifier: Apache-2.0
"""Runs `parapet replay` over many captures and tells a crash or a sanitizer's report from a capture that is none."""

import json
import os
import subprocess

_BATCH = 100
_DEADLINE_S = 600
_SANITIZER_EXIT = 99
_SANITIZER_WORDS = ('AddressSanitizer', 'runtime error:', 'LeakSanitizer', 'UndefinedBehaviorSanitizer')


def _replay(program, captures, out):
    """Replays captures in one process. Returns (whether that went well, stderr); status 1: a file that is no capture."""
    environment = dict(os.environ, ASAN_OPTIONS=f'exitcode={_SANITIZER_EXIT}:abort_on_error=0',
                       UBSAN_OPTIONS=f'halt_on_error=1:print_stacktrace=1:exitcode={_SANITIZER_EXIT}')
    ended = subprocess.run([program, 'replay', '--json', '--show-requests', *captures], stdout=out, stderr=subprocess.PIPE,
                           env=environment, timeout=_DEADLINE_S, check=False)
    errors = ended.stderr.decode('utf-8', 'replace')
    return ended.returncode in (0, 1) and not any(word in errors for word in _SANITIZER_WORDS), errors


def _find_culprit(program, batch):
    with open(os.devnull, 'wb') as nothing:
        for capture in batch:
            well, errors = _replay(program, [capture], nothing)
            if not well:
                return f'{capture}\n' + '\n'.join(errors.splitlines()[-40:])
    return None


def replay_all(program, captures, report_path):
    """Writes what `parapet replay --json` reports of all captures; returns how many batches of them failed."""
    failed = 0
    with open(report_path, 'wb') as out:
        for at in range(0, len(captures), _BATCH):
            batch = captures[at:at + _BATCH]
            well, errors = _replay(program, batch, out)
            if well:
                continue
            failed += 1
            print(f'FAILED in captures {at + 1}..{at + len(batch)}:')
            print(_find_culprit(program, batch) or '\n'.join(errors.splitlines()[-40:]))
    return failed


def read_lines(path):
    with open(path, encoding='utf-8') as lines:
        return [json.loads(line) for line in lines]
