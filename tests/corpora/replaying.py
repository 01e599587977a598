# SPDX-License-Identifier: Apache-2.0
"""Runs `parapet replay` over many captures and tells a crash or a sanitizer's report from a capture that is none."""

import concurrent.futures
import json
import os
import subprocess

_BATCH = 100
_DEADLINE_S = 600
_SANITIZER_EXIT = 99
_SANITIZER_WORDS = ('AddressSanitizer', 'runtime error:', 'LeakSanitizer', 'UndefinedBehaviorSanitizer')


def _replay(program, captures):
    """Replays captures in one process. Returns (whether that went well, report, stderr); status 1: a file that is no capture."""
    environment = dict(os.environ, ASAN_OPTIONS=f'exitcode={_SANITIZER_EXIT}:abort_on_error=0',
                       UBSAN_OPTIONS=f'halt_on_error=1:print_stacktrace=1:exitcode={_SANITIZER_EXIT}')
    ended = subprocess.run([program, 'replay', '--json', '--show-requests', *captures], stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, env=environment, timeout=_DEADLINE_S, check=False)
    errors = ended.stderr.decode('utf-8', 'replace')
    well = ended.returncode in (0, 1) and not any(word in errors for word in _SANITIZER_WORDS)
    return well, ended.stdout, errors


def _find_culprit(program, batch):
    for capture in batch:
        well, _, errors = _replay(program, [capture])
        if not well:
            return f'{capture}\n' + '\n'.join(errors.splitlines()[-40:])
    return None


def replay_all(program, captures, report_path):
    """Writes what `parapet replay --json` reports of all captures; returns how many batches of them failed."""
    failed = 0
    batches = [captures[at:at + _BATCH] for at in range(0, len(captures), _BATCH)]
    with open(report_path, 'wb') as out, concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        for batch, (well, report, errors) in zip(batches, pool.map(lambda batch: _replay(program, batch), batches)):
            out.write(report)
            if well:
                continue
            failed += 1
            print(f'FAILED in the captures from {batch[0]} on:')
            print(_find_culprit(program, batch) or '\n'.join(errors.splitlines()[-40:]))
    return failed


def read_lines(path):
    with open(path, encoding='utf-8') as lines:
        return [json.loads(line) for line in lines]
