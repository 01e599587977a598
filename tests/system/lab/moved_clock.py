# SPDX-License-Identifier: Apache-2.0
"""A program's clocks, moved while it runs (libfaketime)."""

import os

LIBRARY = '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1'


class MovedClock:
    """Give `environment` to the program; its children, which are started with an empty environment, keep the right time."""

    def __init__(self, directory, with_boot_clock=False):
        """with_boot_clock: time has passed, for all clocks; otherwise only the one that people set has moved."""
        self._path = os.path.join(directory, 'moved_clock')
        self.environment = {'LD_PRELOAD': LIBRARY, 'FAKETIME_TIMESTAMP_FILE': self._path, 'FAKETIME_NO_CACHE': '1',
                            'FAKETIME_DONT_FAKE_MONOTONIC': '0' if with_boot_clock else '1'}
        self.move(0)

    def move(self, seconds):
        """From the right time, from now on."""
        with open(f'{self._path}.new', 'w', encoding='ascii') as out:
            out.write(f'{seconds:+d}\n')
        os.replace(f'{self._path}.new', self._path)
