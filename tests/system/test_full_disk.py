# SPDX-License-Identifier: Apache-2.0
"""A file system without a free block under parapetd's state: the last good list stays in force, and the next one follows once there is room."""

import os

from lab.case import figure
from lab.lists_case import ListsCase
from lab.processes import run, wait_until

OLD, NEW = b'first.example.test\n', b'first.example.test\nsecond.example.test\n'
SIZE_MIB = 4


class FullDisk(ListsCase):
    @classmethod
    def sources(cls):
        directory = os.path.join(cls.scene.directory, 'control')
        os.makedirs(directory, mode=0o700)
        run(['mount', '-t', 'tmpfs', '-o', f'size={SIZE_MIB}m,mode=0700', 'tmpfs', directory])
        cls.undo.callback(run, ['umount', '-l', directory])
        cls.hotline.publish_bytes('list', OLD)
        return [{'name': 'list', 'url': cls.hotline.url('list')}]

    def fill(self, path):
        """Takes every free block; returns how many bytes there were."""
        with open(path, 'wb', buffering=0) as filler:
            for piece in (65536, 4096, 1):
                try:
                    while True:
                        filler.write(bytes(piece))
                except OSError:
                    pass
            return filler.tell()

    def test_an_update_on_a_full_disk_is_told_and_made_up_for(self):
        self.wait_sequence('list', 1)
        snapshot = self.snapshot()
        filler = os.path.join(self.control.directory, 'filler')
        taken = self.fill(filler)
        self.hotline.publish_bytes('list', NEW)
        seen = self.wait_refusal('list')
        self.assertEqual(seen['error_code'], 'io', seen)
        self.assertIn('No space left', seen['error_context'])
        self.assertEqual(self.snapshot(), snapshot)
        # as after a power cut: also a start finds the last good list in force
        self.control.kill()
        ready_s = self.control.start()
        self.assertEqual(self.snapshot(), snapshot)
        self.assertEqual(self.control.explain('http://first.example.test/').returncode, 0)
        os.unlink(filler)
        self.wait_sequence('list', 2)
        wait_until(lambda: self.control.explain('http://second.example.test/').returncode == 0, 10, 'the new list to be in force')
        verified = run([self.control.binaries.cli, 'audit', 'verify', os.path.join(self.control.directory, 'audit.jsonl')], check=False)
        self.assertEqual(verified.returncode, 0, verified.stderr)
        figure(f'{taken >> 10} of {SIZE_MIB << 10} KiB taken: the update was refused, ready again in {ready_s:.2f} s, then made up for')
