# SPDX-License-Identifier: Apache-2.0
"""The catalogue end to end: every trick against real servers, once for a listed and once for a spared name."""

import os
import sys
import time

from catalogue import carried, dns_queries, http2_frames, http_spellings, ip_shapes, programs, quic_flights, tcp_tricks, tls_hellos
from lab.case import SceneCase
from lab.catalogue import SERVED, STOPPED, Bench
from lab.ends import LISTED, Ends
from lab.raw_tcp import introduce
from lab.tunnel import Tunnel

FAMILIES = {"tcp": tcp_tricks, "ip": ip_shapes, "http": http_spellings, "tls": tls_hellos, "quic": quic_flights, "dns": dns_queries, "carried": carried, "http2": http2_frames, "programs": programs}


class Catalogue(SceneCase):
    """First over a bare forwarder, to learn what the real ends take; then through the edge, in the same scene."""

    ports = 'af_xdp'
    scene_options = {'servers': False, 'last_hop': True}

    @classmethod
    def sources(cls):
        cls.scene.hotline.publish('list.csv', ['value,kind', f'{LISTED},domain',
                                                 f'http://{http_spellings.PAGES}{http_spellings.PAGE},url'])
        return [{'name': 'hotline', 'url': cls.scene.hotline.url('list.csv'), 'format': 'csv',
                 'csv': {'delimiter': ',', 'header': True, 'value_column': 'value', 'kind_column': 'kind'}}]

    @classmethod
    def before_edge(cls):
        introduce(cls.scene)
        ends = Ends(os.path.join(cls.scene.directory, 'ends'), cls.scene.server, cls.scene.authority, cls.scene.end_with)
        tunnel = Tunnel(cls.scene)
        cls.scene.end_with(tunnel.stop)
        cls.bench = Bench(cls.scene, ends)
        chosen = os.environ.get('CASES', '')
        cls.cases = [case for family, module in FAMILIES.items() for case in module.cases() if chosen in f"{family}: {case}"]
        forwarder = cls.scene.plain_wire()
        cls.scene.wait_forwarding()
        began = time.monotonic()
        cls.bare = cls.bench.ask_all(cls.cases)
        print(len(cls.cases), 'bare', time.monotonic() - began)
        forwarder.stop()

    def test_all(self):
        began = time.monotonic()
        taken = [case for case in self.cases if self.bare[case] == (SERVED, SERVED)]
        for case in self.cases:
            if case not in taken:
                print('refused', case, self.bare[case])
        seen = self.bench.ask_all(taken)
        for case in taken:
            if seen[case] != (STOPPED if case.blocks else SERVED, SERVED):
                print('WRONG', case, seen[case])
        print(len(taken), 'edge', time.monotonic() - began)
