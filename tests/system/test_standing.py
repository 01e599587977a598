# SPDX-License-Identifier: Apache-2.0
"""For how long and for whom a list stands: it ends on its second with parapetd dead, and is not for those it exempts."""

import datetime
import time

from lab.case import SceneCase, figure
from lab.processes import wait_until
from lab.requests import ANSWERED, NO_ANSWER, SERVED, STOPPED, ask_dns, ask_web
from lab.scene import CLIENT_ADDRESSES

ENDING, LASTING, SPARED = 'listed.example.test', 'domain.example.test', 'a.example.test'


class Standing(SceneCase):
    ports = 'af_packet'

    @classmethod
    def sources(cls, ends=None):
        for name, listed in (('ending', ENDING), ('lasting', LASTING), ('spared', SPARED)):
            cls.scene.hotline.publish(f'{name}.txt', [listed])
        sources = [{'name': name, 'url': cls.scene.hotline.url(f'{name}.txt'), 'format': 'plain'}
                   for name in ('ending', 'lasting', 'spared')]
        sources[0]['ends'] = ends
        sources[2]['exempt'] = [{'prefixes': [f'{CLIENT_ADDRESSES[0]}/32']}]
        return sources

    def publish_ending_in(self, seconds):
        """Returns when it ends, and leaves parapetd dead."""
        ends = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)).replace(microsecond=0)
        self.control.stop()
        generation = self.edge.generation()
        self.control = self.scene.control(self.sources(ends))
        self.control.start()
        self.edge.wait_generation_after(generation)
        self.control.kill()
        return ends.timestamp()

    def rows(self, ending, lasting=STOPPED):
        return [ask_web(self.scene, f'http://{ENDING}/', ending), ask_web(self.scene, f'https://{ENDING}/', ending),
                ask_dns(self.scene, ENDING, ANSWERED if ending == SERVED else NO_ANSWER),
                ask_web(self.scene, f'http://{LASTING}/', lasting), ask_web(self.scene, 'http://open.example.test/', SERVED)]

    def test_an_end_passes_with_parapetd_dead_and_a_new_edge_does_not_revive_it(self):
        for seconds in (8, 20, 60):  # so many that the requests before the end are made before it, on this machine
            ends = self.publish_ending_in(seconds)
            before = self.rows(STOPPED)
            if time.time() < ends:
                break
        self.assertLess(time.time(), ends, 'the machine is too slow for this test')
        self.assert_rows(before)
        wait_until(lambda: self.scene.subscriber.get_one(f'http://{ENDING}/', timeout_s=1).served, ends - time.time() + 10, 'the end')
        late_s = time.time() - ends
        self.assertGreaterEqual(late_s, -0.1)
        figure(f'served again {late_s:.1f} s after the end')
        self.assert_rows(self.rows(SERVED))
        self.edge.stop()
        self.edge.start()
        self.edge.wait_generation_after(0)
        self.scene.wait_forwarding()
        self.assert_rows(self.rows(SERVED))

    def test_an_exempt_subscriber_is_served_and_another_is_not(self):
        self.assert_rows([ask_web(self.scene, f'http://{SPARED}/', SERVED),
                          ask_web(self.scene, f'http://{SPARED}/', STOPPED, ipv6=True, note='another address')])
