# SPDX-License-Identifier: Apache-2.0
"""The catalogue end to end: every trick against real servers, once for a listed and once for a spared name."""

import os
import time

from catalogue import (carried, dns_queries, http2_frames, http_spellings, ip_shapes, one_direction, programs, quic_flights,
                       tcp_tricks, tls_hellos)
from catalogue.messages import Message, http_request
from lab.case import LONG, SceneCase, figure
from lab.catalogue import SERVED, STOPPED, Bench, Name
from lab.ends import HTTP, LISTED, Ends
from lab.raw_tcp import introduce
from lab.tunnel import Tunnel

FAMILIES = {
    'ip': ip_shapes, 'tcp': tcp_tricks, 'one_direction': one_direction, 'tls': tls_hellos, 'quic': quic_flights,
    'dns': dns_queries, 'http': http_spellings, 'http2': http2_frames, 'carried': carried, 'programs': programs,
}
_ROUNDS = 3
CHOSEN = os.environ.get('PARAPET_CASES', '')  # only cases with this in "family: row title"


def read_refused():
    """Cases whose trick a real end is known to refuse: nobody waits for them twice."""
    with open(os.path.join(os.path.dirname(__file__), 'catalogue', 'refused.txt'), encoding='ascii') as known:
        return {line.strip() for line in known if not line.startswith('#')}


class Tally:
    """What came of all cases of a class."""

    def __init__(self):
        self.counted = self.listed_served = self.spared_cut = 0
        self.unclear = []
        self.refused = []
        self.by_rule = []

    def add(self, case, listed, spared):
        if case.rule:
            self.by_rule.append(case)
            return
        self.counted += 1
        self.listed_served += case.blocks and listed != STOPPED
        self.spared_cut += spared != SERVED or (not case.blocks and listed != SERVED)

    def line(self, ports):
        return (f'catalogue end to end: {self.counted} cases, {ports}, listed served {self.listed_served}, '
                f'unlisted cut {self.spared_cut}, refused by the end {len(self.refused)}, dropped by rule {len(self.by_rule)}')


class Catalogue(SceneCase):
    """First over a bare forwarder, to learn what the real ends take; then through the edge, in the same scene.

    A case counts only where the ends served both names over the bare forwarder.
    every    takes each n-th case of a family
    at_least cases that have to count, so that none gets lost unnoticed
    """

    __test__ = False
    scene_options = {'servers': False, 'last_hop': True}
    edge_options = {'sections': {'[workers]': {'heartbeat_ms': 1000}}}  # tests of their own are about the bypass
    every = 1
    at_least = 0

    @classmethod
    def sources(cls):
        cls.scene.hotline.publish('list.csv', ['value,kind', f'{LISTED},domain',
                                               f'http://{http_spellings.PAGES}{http_spellings.PAGE},url'])
        return [{'name': 'hotline', 'url': cls.scene.hotline.url('list.csv'), 'format': 'csv',
                 'csv': {'delimiter': ',', 'header': True, 'value_column': 'value', 'kind_column': 'kind'}}]

    @classmethod
    def before_edge(cls):
        introduce(cls.scene)
        one_direction.lay_second_way(cls.scene)
        tunnel = Tunnel(cls.scene)
        cls.scene.end_with(tunnel.stop)
        ends = Ends(os.path.join(cls.scene.directory, 'ends'), cls.scene.server, cls.scene.authority, cls.scene.end_with)
        cls.bench = Bench(cls.scene, ends)
        cls.tally = Tally()
        cls.cases = {family: [case for case in list(module.cases())[::cls.every] if CHOSEN in f'{family}: {case}']
                     for family, module in FAMILIES.items()}
        forwarder = cls.scene.plain_wire()
        cls.scene.wait_forwarding()
        began = time.monotonic()
        cls.bare = cls.bench.ask_all([case for cases in cls.cases.values() for case in cases])
        known = read_refused()
        again = [case for case, seen in cls.bare.items() if seen != (SERVED, SERVED) and str(case) not in known]
        cls.bare.update(cls.bench.ask_all(again, at_once=2))
        figure(f'{len(cls.bare)} cases over a bare forwarder in {time.monotonic() - began:.0f} s')
        forwarder.stop()
        cls.bench.patience_s = 5

    @classmethod
    def tearDownClass(cls):
        figure(cls.tally.line(cls.ports))

    def ask_family(self, family):
        taken = []
        for case in self.cases[family]:
            if self.bare[case] == (SERVED, SERVED):
                taken.append(case)
            else:
                self.tally.refused.append(case)
                print(f'      {case}: refused by the end')
        seen = self.ask_through_the_edge(taken)
        wrong = []
        for case in taken:
            listed, spared = seen[case]
            print(f'      {case}: listed {listed}, spared {spared}')
            if not case.as_wanted(listed, spared):
                wrong.append(f'{case}: listed {listed}, spared {spared}{case.rule and ", though " + case.rule}')
            self.tally.add(case, listed, spared)
        self.assertEqual(wrong, [])

    def ask_through_the_edge(self, cases):
        """What went wrong is asked again where the machine is the likelier cause than the edge: frames that went around it
        because it stood still, and clients that gave up waiting for a spared name, then one at a time."""
        seen, missing, at_once = {}, cases, None
        for _ in range(_ROUNDS):
            before = self.bypassed()
            seen.update(self.bench.ask_all(missing, at_once))
            around = self.bypassed() - before
            missing = [case for case in missing if not case.as_wanted(*seen[case]) and (around or seen[case][0] == STOPPED)]
            if not missing:
                break
            figure(f'{around} frames went around the edge; {len(missing)} cases are asked again')
            at_once = 1
        return seen

    def bypassed(self):
        return self.edge.counters().port_total('kernel_bypassed_frames')

    def test_connections_from_before_the_edge_are_read_by_it(self):
        """T14: the handshake and an answered request went by while no edge was there to see them."""
        if self.ports != 'af_xdp':
            self.skipTest('only where the kernel forwards without the edge')
        with self.bench.wire() as wire:
            streams = []
            self.edge.kill()
            for ipv6 in (False, True):
                for listed in (True, False):
                    name = Name(listed)
                    stream = self.bench.stream(wire, HTTP, ipv6)
                    self.assertTrue(stream.open(), 'no handshake past the dead edge')
                    stream.write(f'GET / HTTP/1.1\r\nHost: {name.benign}\r\n\r\n'.encode())
                    self.assertTrue(stream.until(lambda stream=stream: b'served' in stream.received, 5))
                    streams.append((stream, name))
            self.edge.start()
            self.edge.wait_generation_after(0)
            for stream, name in streams:
                stream.received = b''
                stream.write(Message(name, http_request(name)).data)
                answered = stream.until(lambda stream=stream: b'served' in stream.received, 1 if name.listed else 5)
                stream.abort()
                self.assertEqual(answered, not name.listed, f'{name.host} behind a restart')
            self.bench.marker()
            for _, name in streams:
                self.assertEqual(self.bench.served(name.host), not name.listed)

    def test_zz_enough_cases_counted(self):
        if CHOSEN:
            self.skipTest('only some cases were chosen')
        self.assertGreaterEqual(self.tally.counted, self.at_least)


def _test_of(family):
    def test(self):
        self.ask_family(family)
    test.__name__ = f'test_{family}'
    return test


for _family in FAMILIES:
    setattr(Catalogue, f'test_{_family}', _test_of(_family))


class CatalogueOverAfXdp(Catalogue):
    __test__ = True
    ports = 'af_xdp'
    every = 1 if LONG else 3
    at_least = 900 if LONG else 300


class CatalogueOverAfPacket(Catalogue):
    __test__ = True
    ports = 'af_packet'
    every = 9
    at_least = 90
