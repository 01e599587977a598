# SPDX-License-Identifier: Apache-2.0
"""kill -9 of parapetd in the middle of updates: the edge goes on, parapetd comes back with the old or the new list."""

import random
import time

from lab.case import LONG, SceneCase, figure
from lab.processes import LabError, wait_until
from lab.requests import STOPPED, ask_web

ROUNDS = 50 if LONG else 10
LISTS = (['a.example.test', 'common.example.test'] + [f'padding-{number}.example.test' for number in range(5000)],
         ['b.example.test', 'common.example.test'] + [f'other-{number}.example.test' for number in range(5000)])


class ControlKilled(SceneCase):
    ports = 'af_packet'

    @classmethod
    def sources(cls):
        cls.scene.hotline.publish('list.txt', LISTS[0])
        return [{'name': 'hotline', 'url': cls.scene.hotline.url('list.txt'), 'format': 'plain',
                 'poll_interval_ms': 100, 'guard': {'small_change': 10000}}]

    def stopped(self, name):
        return not self.scene.subscriber.get_one(f'http://{name}/').served

    def list_in_force(self):
        """0 or 1; anything between the two is a fault. Read while no swap happened in between."""
        while True:
            generation = self.edge.generation()
            verdicts = (self.stopped('a.example.test'), self.stopped('b.example.test'), self.stopped('common.example.test'))
            if self.edge.generation() == generation:
                self.assertIn(verdicts, ((True, False, True), (False, True, True)))
                return 0 if verdicts[0] else 1

    def test_the_edge_goes_on_and_parapetd_comes_back_with_the_old_or_the_new_list(self):
        seed = random.randrange(1 << 32)
        moments = random.Random(seed)
        came_back_new = 0
        for number in range(ROUNDS):
            old = self.list_in_force()
            self.scene.hotline.publish('list.txt', LISTS[1 - old])
            time.sleep(moments.uniform(0, 0.35))  # the moment itself is the experiment
            self.control.kill()
            self.assert_rows([ask_web(self.scene, 'http://common.example.test/', STOPPED)])
            after_kill = self.list_in_force()
            came_back_new += after_kill != old
            self.control.start()
            self.list_in_force()
            try:
                wait_until(lambda: self.list_in_force() == 1 - old, 10, 'the new list')
            except LabError as error:
                self.fail(f'round {number}, seed {seed}: {error}\n{self.control.daemon.log_tail()}')
        figure(f'{ROUNDS} kills, seed {seed}: {came_back_new} after the new list was in force, {ROUNDS - came_back_new} before; '
               f'never neither')

    def test_a_restart_without_the_hotline_keeps_the_last_good_list(self):
        in_force = self.list_in_force()
        self.control.kill()
        with open(self.scene.snapshot_file, 'rb') as snapshot:
            self.assertGreater(len(snapshot.read()), 0)
        self.scene.hotline.require({'list.txt': 'Bearer nobody-knows'})
        try:
            self.control.start()
            self.assertEqual(self.list_in_force(), in_force)
            self.edge.stop()
            self.edge.start()
            self.edge.wait_generation_after(0)
            self.scene.wait_forwarding()
            self.assertEqual(self.list_in_force(), in_force)
        finally:
            self.scene.hotline.require({})
