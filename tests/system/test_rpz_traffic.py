# SPDX-License-Identifier: Apache-2.0
"""A policy zone on the wire: what a primary's zone says is stopped by the edge, all else is served."""

import os

from lab.case import SceneCase, figure
from lab.lists import HOTLINE_LIST, POLICE_LIST, publish_standard_lists, standard_sources
from lab.primary import ZONE, Primary, key_line
from lab.programs import write_file
from lab.requests import SERVED, STOPPED, ask_standard, ask_web

# What the standard lists say by name.
NAMED = ['listed.example.test CNAME .', 'domain.example.test CNAME .', '*.domain.example.test CNAME .']


class ZoneOnTheWire(SceneCase):
    ports = 'af_packet'

    @classmethod
    def sources(cls):
        """The standard lists without their hosts and domains, which come in a zone."""
        publish_standard_lists(cls.scene.hotline)
        cls.scene.hotline.publish('list.txt', [line for line in HOTLINE_LIST if '/' in line])
        cls.scene.hotline.publish('police.csv', [line for line in POLICE_LIST if not line.endswith(',domain')])
        cls.primary = Primary(os.path.join(cls.scene.directory, 'knot'), 5300, cls.scene.office)
        cls.primary.publish(1, NAMED)
        cls.scene.end_with(cls.primary.stop)
        cls.primary.start()
        key_file = os.path.join(cls.scene.directory, 'tsig')
        write_file(key_file, key_line())
        os.chmod(key_file, 0o600)
        zone = {'name': 'zone', 'primary': cls.primary.address, 'zone': ZONE, 'tsig_key_file': key_file, 'ca_file': None,
                'poll_interval_ms': 100}
        return [*standard_sources(cls.scene.hotline), zone]

    def test_a_what_the_zone_says_is_stopped_and_all_else_is_served(self):
        rows = ask_standard(self.scene)
        self.assert_rows(rows)
        stopped = sum(row.seen.split(' (')[0] != SERVED for row in rows)
        figure(f'{len(rows)} requests, as with the standard lists; {stopped} not served')

    def test_b_a_changed_zone_is_in_force_at_once(self):
        self.assert_rows([ask_web(self.scene, 'http://late.example.test/', SERVED)])
        generation = self.edge.generation()
        self.primary.publish(2, [*NAMED, 'late.example.test A 192.0.2.99'])
        self.edge.wait_generation_after(generation)
        self.assert_rows([ask_web(self.scene, 'http://late.example.test/', STOPPED),
                          ask_web(self.scene, 'https://late.example.test/', STOPPED)])
