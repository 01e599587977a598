# SPDX-License-Identifier: Apache-2.0
"""How long an addition and a removal take, from the source to a client that is refused or served, while traffic runs.

Ten updates by default, with --long two hundred. Each is measured at the client; the histograms must tell the same number of them.
"""

import re
import statistics
import time

from lab.case import LONG, SceneCase, figure
from lab.lists import HOTLINE_LIST
from lab.processes import wait_until
from lab.requests import SERVED, STOPPED, ask_web
from lab.traffic import Load, numbered_bulk

UPDATES = 200 if LONG else 10
POLL_S = 1.0
WITHIN_S = POLL_S + 2
CHANGING = 'changing.example.test'
URL = f'http://{CHANGING}/'
RATE = 1000


def p99_of(times):
    return sorted(times)[max(0, -(-len(times) * 99 // 100) - 1)]


def describe(times):
    return f'p50 {statistics.median(times):.2f} s, p99 {p99_of(times):.2f} s, longest {max(times):.2f} s'


class Updates(SceneCase):
    ports = 'af_packet'

    @classmethod
    def sources(cls):
        cls.scene.hotline.publish('list.txt', HOTLINE_LIST)
        return [{'name': 'hotline', 'url': cls.scene.hotline.url('list.txt'), 'format': 'plain',
                 'poll_interval_ms': int(POLL_S * 1000)}]

    def histogram(self, name):
        """(how many, their sum in seconds) of a histogram of parapetd."""
        text = self.control.metrics()
        return tuple(float(re.search(rf'^{name}_{part} (\S+)$', text, re.MULTILINE).group(1)) for part in ('count', 'sum'))

    def change(self, lines, expected):
        """Publishes and returns how long the client saw the old state."""
        began = time.monotonic()
        self.scene.hotline.publish('list.txt', lines)
        wait_until(lambda: ask_web(self.scene, URL, expected).ok, 20, f'{URL} to be {expected}')
        return time.monotonic() - began

    def test_an_addition_and_a_removal_reach_the_client_within_a_poll_and_two_seconds(self):
        self.assert_rows([ask_web(self.scene, URL, SERVED)])
        names = ('parapet_time_to_enforce_seconds', 'parapet_time_to_release_seconds')
        before = [self.histogram(name) for name in names]
        enforce, release = [], []
        with Load(self.scene, lambda number: numbered_bulk(number, 700), RATE):
            for _ in range(UPDATES // 2):
                enforce.append(self.change([*HOTLINE_LIST, CHANGING], STOPPED))
                release.append(self.change(HOTLINE_LIST, SERVED))
        wait_until(lambda: self.histogram(names[1])[0] - before[1][0] == len(release), 10, 'the last release in the histogram')
        for name, times, was in zip(names, (enforce, release), before):
            count, total = (now - then for now, then in zip(self.histogram(name), was))
            figure(f'{name} over {len(times)} updates at the client: {describe(times)}; mean in the histogram {total / count:.2f} s')
            self.assertEqual(count, len(times))
            self.assertLess(abs(total / count - statistics.mean(times)), 1, 'Last-Modified has whole seconds; more is no rounding')
            self.assertLessEqual(p99_of(times), WITHIN_S)
