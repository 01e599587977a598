# SPDX-License-Identifier: Apache-2.0
"""A long download by a real client, running beside an experiment."""

import itertools
import os

from .processes import Daemon, wait_until


_numbers = itertools.count(1)


class Download:
    """curl at a limited rate; ends with the scene. outcome() tells whether one connection carried every byte."""

    def __init__(self, scene, size, rate):
        self._size = size
        self._output = os.path.join(scene.directory, f'download-{next(_numbers)}')
        self._daemon = Daemon('download', [
            'curl', '-sS', '--max-time', '600', '--limit-rate', rate, '--noproxy', '*', '--resolve', '*:80:192.0.2.80',
            '-r', f'0-{size - 1}', '-o', '/dev/null', '-w', '%{http_code} %{size_download} %{num_connects}',
            'http://open.example.test/large.bin'], self._output, scene.client)
        scene.end_with(self._daemon.stop)

    def running(self):
        return self._daemon.alive()

    def outcome(self, timeout_s=120):
        """(what was seen, what an undisturbed download shows)"""
        wait_until(lambda: not self.running(), timeout_s, 'the download', 0.05)
        with open(self._output, encoding='utf-8') as output:
            return output.read(), f'206 {self._size} 1'
