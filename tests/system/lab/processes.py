# SPDX-License-Identifier: Apache-2.0
"""Commands and daemons of a scene: started in a namespace, awaited by condition, ended by their own pid."""

import contextlib
import os
import select
import signal
import socket
import subprocess
import time


class LabError(Exception):
    """The scene itself failed: not a verdict on the programs under test."""


class Interrupted(KeyboardInterrupt):
    """SIGINT, SIGTERM or SIGHUP came: unwind and clean up. What swallows every Exception lets this one through."""


def raise_on_signals():
    """Turns the signals that end a program into an exception, so that every `with` is left in order."""
    def interrupt(number, _frame):
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, signal.SIG_IGN)
        raise Interrupted(signal.Signals(number).name)
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, interrupt)


def wait_until(condition, timeout_s, what, interval_s=0.01):
    """Returns the first true value of condition(); LabError after timeout_s."""
    deadline = time.monotonic() + timeout_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise LabError(f'waited {timeout_s} s for {what}')
        time.sleep(interval_s)


def run(argv, timeout_s=30, check=True, text_in=None, **options):
    """Runs a command to its end; LabError with its output where it fails. text_in: for its stdin."""
    given = {'stdin': subprocess.DEVNULL} if text_in is None else {'input': text_in}
    done = subprocess.run([str(word) for word in argv], **given, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=timeout_s, check=False, **options)
    if check and done.returncode != 0:
        raise LabError(f'{" ".join(str(word) for word in argv)}: exit {done.returncode}: {done.stderr.strip()}')
    return done


class Daemon:
    """One long-running process. Dies with the lab even if that is killed (setpriv --pdeathsig).

    thread  start from the main thread alone: the death signal follows the thread that started it
    """

    def __init__(self, name, argv, log_path, namespace=None, notify=False, environment=None, directory=None):
        self.name = name
        self.log_path = log_path
        self.exit_expected = False
        self._notify = None
        env = dict(os.environ, LC_ALL='C')
        env.update(environment or {})
        env.pop('NOTIFY_SOCKET', None)
        if notify:
            path = f'{log_path}.notify'
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
            self._notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
            self._notify.bind(path)
            env['NOTIFY_SOCKET'] = path
        prefix = ['setpriv', '--pdeathsig', 'KILL', '--']
        if namespace is not None:
            prefix += ['nsenter', f'--net={namespace.path}', '--']
        with open(log_path, 'ab') as log:
            self.started_monotonic = time.monotonic()
            self.process = subprocess.Popen([str(word) for word in prefix + list(argv)], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, env=env, cwd=directory, start_new_session=True)

    @property
    def pid(self):
        return self.process.pid

    def alive(self):
        return self.process.poll() is None

    def log_tail(self, lines=15):
        with open(self.log_path, encoding='utf-8', errors='replace') as log:
            return ''.join(log.readlines()[-lines:])

    def fail_if_dead(self):
        if not self.alive():
            raise LabError(f'{self.name} ended with {self.process.returncode}:\n{self.log_tail()}')
        return False

    def wait_ready(self, timeout_s=20):
        """Until sd_notify's READY=1. Returns seconds since the start."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            readable, _, _ = select.select([self._notify], [], [], 0.05)
            if readable and 'READY=1' in self._notify.recv(4096).decode(errors='replace').split('\n'):
                # nobody reads further messages, and a full socket would stop their sender
                self._close()
                return time.monotonic() - self.started_monotonic
            self.fail_if_dead()
        raise LabError(f'{self.name} not ready after {timeout_s} s:\n{self.log_tail()}')

    def kill(self):
        """SIGKILL, as a crash would be."""
        self.process.kill()
        self.process.wait()
        self._close()

    def stop(self, timeout_s=10):
        """SIGTERM, then SIGKILL. Returns the exit code."""
        if self.alive():
            self.process.terminate()
            try:
                self.process.wait(timeout_s)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._close()
        return self.process.returncode

    def _close(self):
        if self._notify is not None:
            self._notify.close()
            self._notify = None
