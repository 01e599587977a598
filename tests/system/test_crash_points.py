# SPDX-License-Identifier: Apache-2.0
"""kill -9 of parapetd before and after each call of an update that makes a file lasting, and a disk that is full from that call on:
the old list or the new one is in force, and the next start is well within a second.

The points are counted first, in an update that nothing disturbs; by default every tenth is tried, with --long each.
"""

import os
import random
import shutil
import struct
import time

from lab.case import LONG, figure
from lab.lists_case import ListsCase
from lab.processes import run, wait_until

OLD = b''.join(b'site%d.example.test\n' % number for number in range(100))
NEW = OLD + b''.join(b'later%d.example.test\n' % number for number in range(10))
WAYS = ('before', 'after', 'full')
READY_WITHIN_S = 1.0


class CrashPoints(ListsCase):
    @classmethod
    def sources(cls):
        cls.publish_signed('list', OLD, 1)
        cls.hotline.publish_bytes('second', OLD.replace(b'site', b'second'))
        return [{'name': 'second', 'url': cls.hotline.url('second'), 'poll_interval_ms': 100},
                {'name': 'list', 'url': cls.hotline.url('list'), 'poll_interval_ms': 100,
                 'keys': [{'name': 'of-the-hotline', 'minisign': cls.signer.public_key}]}]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.control.stop()
        cls.template = os.path.join(cls.scene.directory, 'template')
        shutil.copytree(cls.control.directory, cls.template, ignore=shutil.ignore_patterns('*.log*', '*.sock'))
        shutil.copy(cls.scene.snapshot_file, f'{cls.template}.snapshot')
        cls.old_snapshot = cls.read(cls.scene.snapshot_file)
        cls.publish_signed('list', NEW, 2)
        cls.hotline.publish_bytes('second', NEW.replace(b'site', b'second').replace(b'later', b'further'))
        cls.shim = os.path.join(cls.scene.directory, 'crash_points.so')
        source = os.path.join(os.path.dirname(__file__), 'lab', 'crash_points.c')
        run(['gcc', '-shared', '-fPIC', '-O1', '-Wall', '-Wextra', '-Werror', '-o', cls.shim, source, '-ldl'])
        cls.count_file = os.path.join(cls.scene.directory, 'calls')

    @staticmethod
    def read(path):
        with open(path, 'rb') as file:
            return file.read()

    def calls(self):
        try:
            return int(self.read(self.count_file) or b'0')
        except FileNotFoundError:
            return 0

    def begin_update(self, point, how):
        """From the state before the update, with the new list at the hotline."""
        for name in os.listdir(self.control.directory):
            path = os.path.join(self.control.directory, name)
            if not name.endswith(('.log', '.toml', '.notify')):
                shutil.rmtree(path) if os.path.isdir(path) and not os.path.islink(path) else os.unlink(path)
        shutil.copytree(self.template, self.control.directory, dirs_exist_ok=True)
        shutil.copy(f'{self.template}.snapshot', self.scene.snapshot_file)
        if os.path.exists(self.count_file):
            os.unlink(self.count_file)
        self.control.begin(LD_PRELOAD=self.shim, CRASH_AT=str(point), CRASH_HOW=how, CRASH_COUNT=self.count_file)

    def has_tried(self):
        """Whether parapetd runs and has polled each source since it began."""
        told = self.control.ask('status', '--json', '--counters', self.scene.counters_file).stdout
        if '"sources"' not in told:
            return False
        return all(source['last_success'] or source['last_failure'] for source in self.status()['sources'])

    def in_force(self):
        """'old', 'new' or, where one of the two lists is new, 'between'; anything else is a fault."""
        snapshot = self.read(self.scene.snapshot_file)
        if snapshot == self.old_snapshot:
            return 'old'
        size, = struct.unpack_from('<Q', snapshot, 16)
        entries, = struct.unpack_from('<Q', snapshot, 48)
        self.assertEqual(size, len(snapshot))
        self.assertIn(entries, (200, 210, 220), 'a part of a list')
        return 'new' if entries == 220 else 'between'

    def is_new(self):
        return all(self.source(name)['sequence'] == 2 for name in ('list', 'second')) and self.in_force() == 'new'

    def count_points(self):
        self.begin_update(0, 'before')
        self.control.daemon.wait_ready()
        wait_until(self.is_new, 15, 'the update', 0.05)
        calls = self.calls()
        self.control.stop()
        return calls

    def crash(self, point, how):
        try:
            return self.crash_and_start_again(point, how)
        finally:
            self.control.stop()

    def crash_and_start_again(self, point, how):
        self.begin_update(point, how)
        if how == 'full':
            wait_until(lambda: not self.control.daemon.alive() or (self.calls() >= point and self.has_tried()), 20,
                       f'point {point} to be full', 0.02)
        else:
            wait_until(lambda: not self.control.daemon.alive(), 20, f'the end at point {point}', 0.01)
        self.control.kill()
        seen = self.in_force()
        ready_s = self.control.start()
        wait_until(self.is_new, 15, f'the new lists after {how} {point}', 0.02)
        verified = run([self.control.binaries.cli, 'audit', 'verify', os.path.join(self.control.directory, 'audit.jsonl')], check=False)
        self.assertEqual(verified.returncode, 0, f'{how} {point}: {verified.stderr}')
        return seen, ready_s

    def test_at_every_point_the_old_or_the_new_list_is_in_force(self):
        points = self.count_points()
        everything = [(point, how) for point in range(1, points + 1) for how in WAYS]
        self.assertGreaterEqual(len(everything), 100)
        tried = everything if LONG else everything[random.randrange(10)::10]
        seen, slowest = {'old': 0, 'between': 0, 'new': 0}, 0.0
        began = time.monotonic()
        for point, how in tried:
            with self.subTest(point=point, how=how):
                which, ready_s = self.crash(point, how)
                seen[which] += 1
                slowest = max(slowest, ready_s)
                self.assertLessEqual(ready_s, READY_WITHIN_S)
        figure(f'{len(tried)} of {len(everything)} points ({points} calls, {len(WAYS)} ways) in {time.monotonic() - began:.0f} s: '
               f'{seen["old"]} with the old lists, {seen["between"]} with one new, {seen["new"]} with both; ready again within {slowest:.2f} s')
