# SPDX-License-Identifier: Apache-2.0
"""A bump in the wire: every frame that is no request crosses bit for bit, both ways, also 9,216 bytes of it."""

import contextlib
import json
import os
import struct

from lab.case import SceneCase, figure, on_each_kind_of_port
from lab.frames import (ACK, PSH, SYN, Wire, dns_query, ethernet, ip_kind, ip_packet, tcp_segment, udp_datagram)
from lab.processes import Daemon, wait_until

LEFT, RIGHT = bytes.fromhex('02000000000d'), bytes.fromhex('02000000000e')
MTU = 9202  # 9,216 bytes with the Ethernet header
SOCKET_LIMIT = 3400  # longer frames do not fit an AF_XDP socket's buffers


def group(text):
    return bytes.fromhex(text.replace(':', ''))


def filled(size, seed):
    """Bytes that differ from place to place and frame to frame."""
    return bytes((seed * 31 + place * 7 + (place >> 8)) & 0xff for place in range(size))


def tagged(frame, *tags):
    """tags: (TPID, TCI), outermost first."""
    return frame[:12] + b''.join(struct.pack('!HH', tpid, tci) for tpid, tci in tags) + frame[12:]


def control_frames():
    """What machines on the wire say to each other."""
    slow = group('01:80:c2:00:00:02')
    return {
        'LACP': ethernet(LEFT, slow, 0x8809, b'\x01\x01' + filled(108, 1)),
        'LACP marker': ethernet(LEFT, slow, 0x8809, b'\x02\x01' + filled(108, 2)),
        'LLDP': ethernet(LEFT, group('01:80:c2:00:00:0e'), 0x88cc,
                         b'\x02\x07\x04' + LEFT + b'\x04\x03\x07p1' + b'\x06\x02\x00\x78' + bytes(30)),
        'STP': ethernet(LEFT, group('01:80:c2:00:00:00'), 38, b'\x42\x42\x03' + filled(35, 3) + bytes(8)),
        'PVST': ethernet(LEFT, group('01:00:0c:cc:cc:cd'), 50, b'\xaa\xaa\x03\x00\x00\x0c\x01\x0b' + filled(42, 4)),
        'pause': ethernet(LEFT, group('01:80:c2:00:00:01'), 0x8808, b'\x00\x01\x00\x00' + bytes(42)),
        'EAPOL': ethernet(LEFT, group('01:80:c2:00:00:03'), 0x888e, b'\x02\x01\x00\x00' + bytes(42)),
        'IS-IS': ethernet(LEFT, group('01:80:c2:00:00:14'), 1497, b'\xfe\xfe\x03\x83' + filled(1493, 5)),
        'PTP': ethernet(LEFT, group('01:1b:19:00:00:00'), 0x88f7, filled(44, 6) + bytes(2)),
        'PTP peer delay': ethernet(LEFT, group('01:80:c2:00:00:0e'), 0x88f7, filled(54, 7)),
        'CFM': ethernet(LEFT, group('01:80:c2:00:00:35'), 0x8902, filled(80, 8)),
        'ARP': ethernet(LEFT, b'\xff' * 6, 0x0806, struct.pack('!HHBBH', 1, 0x0800, 6, 4, 1) + LEFT +
                        bytes([192, 0, 2, 201]) + bytes(6) + bytes([192, 0, 2, 202]) + bytes(18)),
        'MPLS': ethernet(LEFT, RIGHT, 0x8847, b'\x00\x01\x01\x40' + filled(60, 9)),
        'PPPoE': ethernet(LEFT, RIGHT, 0x8864, b'\x11\x00\x00\x01\x00\x20\x00\x21' + filled(60, 10)),
        'MACsec': ethernet(LEFT, RIGHT, 0x88e5, filled(64, 11)),
        'unknown type': ethernet(LEFT, RIGHT, 0x88b5, filled(300, 12)),
        'unknown type, 9,216 bytes': ethernet(LEFT, RIGHT, 0x88b6, filled(9202, 13)),
        'shortest': ethernet(LEFT, RIGHT, 0x88b5, filled(46, 14)),
    }


def ip_frames(source, destination):
    kind = ip_kind(destination)

    def ip(protocol, payload, **options):
        return ethernet(LEFT, RIGHT, kind, ip_packet(source, destination, protocol, payload, **options))

    def tcp(port, flags, payload=b'', options=b''):
        return ip(6, tcp_segment(source, destination, 30000 + port, port, 1000, 2000, flags, payload, options))

    def udp(port, payload):
        return ip(17, udp_datagram(source, destination, 30000 + port, port, payload))

    bad_checksum = bytearray(udp(53, dns_query('open.example.test')))
    bad_checksum[-1] ^= 0xff
    bad_tcp = bytearray(tcp(80, ACK | PSH, b'GET / HTTP/1.1\r\nHost: listed.example.test\r\n\r\n'))
    bad_tcp[-3] ^= 0x20
    frames = {
        'BFD': ip(17, udp_datagram(source, destination, 49152, 3784, filled(24, 20)), ttl=255),
        'OSPF': ip(89, filled(44, 21), ttl=1),
        'ICMP': ip(1, filled(64, 22)),
        'ESP': ip(50, filled(200, 23)),
        'GRE': ip(47, filled(100, 24)),
        'SYN with options': tcp(443, SYN, options=struct.pack('!BBHBBBBBB', 2, 4, 8960, 4, 2, 1, 3, 3, 7)),
        'ACK': tcp(443, ACK),
        'bulk TCP, 1,514 bytes': tcp(5001, ACK, filled(1460 if kind == 0x0800 else 1440, 25)),
        'bulk TCP, 9,216 bytes': tcp(5001, ACK, filled(9162 if kind == 0x0800 else 9142, 26)),
        'bulk UDP, 9,216 bytes': udp(4500, filled(9174 if kind == 0x0800 else 9154, 27)),
        'unlisted DNS query': udp(53, dns_query('open.example.test')),
        'unlisted HTTP request': tcp(80, ACK | PSH, b'GET / HTTP/1.1\r\nHost: open.example.test\r\n\r\n'),
        'wrong UDP checksum': bytes(bad_checksum),
        'wrong TCP checksum over a listed request': bytes(bad_tcp),
        'trailer behind IP': tcp(443, ACK) + filled(17, 28),
        'cut IP header': ethernet(LEFT, RIGHT, kind, filled(8, 29)) + bytes(38),
    }
    if kind == 0x0800:
        whole = udp_datagram(source, destination, 40000, 4500, filled(1600, 30))
        frames['first fragment'] = ip(17, whole[:800], identification=7, fragment=0x2000)
        frames['last fragment'] = ip(17, whole[800:], identification=7, fragment=100)
        no_checksum = bytearray(udp(4500, filled(40, 31)))
        no_checksum[40:42] = b'\0\0'
        frames['UDP without checksum'] = bytes(no_checksum)
    return frames


def every_frame():
    frames = dict(control_frames())
    frames.update({f'{name}, IPv4': frame for name, frame in ip_frames('192.0.2.201', '192.0.2.202').items()})
    frames.update({f'{name}, IPv6': frame for name, frame in ip_frames('2001:db8::c9', '2001:db8::ca').items()})
    for name, frame in list(frames.items()):
        if len(frame) <= 9000 and name.split(',')[0] in ('ARP', 'bulk TCP', 'unlisted DNS query', 'LLDP', 'ICMP', 'unknown type'):
            frames[f'{name}, 802.1Q'] = tagged(frame, (0x8100, 0xa07b))
            frames[f'{name}, 802.1ad and 802.1Q'] = tagged(frame, (0x88a8, 0x0064), (0x8100, 0x2001))
            frames[f'{name}, three tags'] = tagged(frame, (0x8100, 1), (0x8100, 2), (0x8100, 3))
            frames[f'{name}, priority tag'] = tagged(frame, (0x8100, 0xe000))
    return frames


@on_each_kind_of_port
class BumpInTheWire(SceneCase):
    scene_options = {'mtu': MTU}

    def assert_crosses(self, sender, receiver, frames):
        wrong = {}
        for name, frame in frames.items():
            receiver.drain()
            sender.send(frame)
            seen = []
            # the servers and clients of the scene talk too; ours are the frames from LEFT
            while not any(each[6:12] == LEFT for each in seen):
                arrived = receiver.receive(1)
                if arrived is None:
                    break
                seen.append(arrived)
            ours = [each for each in seen if each[6:12] == LEFT]
            if ours != [frame]:
                wrong[name] = f'{len(frame)} bytes sent, {[len(each) for each in ours]} arrived'
        return wrong

    def test_every_frame_crosses_byte_for_byte_in_both_directions(self):
        frames = every_frame()
        before = self.edge.counters()
        with Wire(self.scene.client, 'c0') as left, Wire(self.scene.server, 's0') as right:
            up = self.assert_crosses(left, right, frames)
            down = self.assert_crosses(right, left, frames)
        lengths = [len(frame) for frame in frames.values()]
        figure(f'{len(frames)} kinds of frames of {min(lengths)} to {max(lengths)} bytes: {len(frames) - len(up)} equal '
               f'upwards, {len(frames) - len(down)} equal downwards')
        self.assertEqual((up, down), ({}, {}))
        if self.ports == 'af_xdp':
            self.assert_jumbos_counted(before, 2 * sum(length > SOCKET_LIMIT for length in lengths))

    def assert_jumbos_counted(self, before, expected):
        """Too long for a socket: they crossed in the kernel, and the edge says so."""
        def counted():
            return self.edge.counters().port_total('kernel_jumbo_frames') - before.port_total('kernel_jumbo_frames')
        wait_until(lambda: counted() >= expected, 5, 'the jumbo frames to be counted')
        uninspected = self.edge.counters().uninspected()['jumbo'] - before.uninspected()['jumbo']
        figure(f'{counted()} frames over {SOCKET_LIMIT} bytes crossed in the kernel, {uninspected} counted as uninspected')
        self.assertEqual((counted(), uninspected), (expected, expected))

    def test_a_burst_keeps_its_order(self):
        frames = [ethernet(LEFT, RIGHT, 0x88b5, struct.pack('!I', number) + filled(60 + number % 1000, number))
                  for number in range(2000)]
        with Wire(self.scene.client, 'c0') as left, Wire(self.scene.server, 's0') as right:
            arrived = []
            for start in range(0, len(frames), 50):
                for frame in frames[start:start + 50]:
                    left.send(frame)
                while len(arrived) < start + 50:
                    frame = right.receive(1)
                    if frame is None:
                        break
                    if frame[6:12] == LEFT:
                        arrived.append(frame)
        figure(f'{len(arrived)} of {len(frames)} frames arrived, in order: {arrived == frames}')
        self.assertEqual(arrived, frames)


class Neighbours:
    """lldpd at one end."""

    def __init__(self, scene, namespace, interface):
        self.socket = os.path.join(scene.directory, f'lldpd-{interface}.sock')
        os.makedirs('/run/lldpd', exist_ok=True)
        self.daemon = Daemon('lldpd', ['/usr/sbin/lldpd', '-d', '-u', self.socket, '-I', interface],
                             f'{self.socket}.log', namespace)
        self._namespace = namespace

    def ask(self, *words):
        return self._namespace.run(['lldpcli', '-u', self.socket, '-f', 'json0', *words], check=False).stdout

    def seen(self):
        """Hardware addresses of the neighbours."""
        try:
            found = json.loads(self.ask('show', 'neighbors'))
        except ValueError:
            return []
        return [identification['value'] for lldp in found.get('lldp', []) for interface in lldp.get('interface', [])
                for chassis in interface.get('port', []) for identification in chassis.get('id', [])]


@on_each_kind_of_port
class Machines(SceneCase):
    def test_lldpd_on_both_ends_sees_its_neighbour_through_the_edge(self):
        ends = [(self.scene.client, 'c0'), (self.scene.server, 's0')]
        with contextlib.ExitStack() as undo:
            neighbours = [Neighbours(self.scene, *end) for end in ends]
            for each in neighbours:
                undo.callback(each.daemon.stop)
            for each in neighbours:
                wait_until(lambda each=each: each.daemon.fail_if_dead() or 'resume' in each.daemon.log_tail(), 10, 'lldpd')
                each.ask('configure', 'lldp', 'tx-interval', '1')
            addresses = []
            for namespace, interface in ends:
                with Wire(namespace, interface) as wire:
                    addresses.append(':'.join(f'{byte:02x}' for byte in wire.address))
            for each, address in zip(neighbours, reversed(addresses)):
                wait_until(lambda each=each, address=address: address in each.seen(), 20, 'the neighbour', 0.2)
            figure(f'neighbours seen: {[each.seen() for each in neighbours]}')

    def test_two_bridges_agree_on_a_root_through_the_edge(self):
        ends = [(self.scene.client, 'c0', 8192), (self.scene.server, 's0', 4096)]

        def own_id(namespace):
            found = json.loads(namespace.run(['ip', '-j', '-d', 'link', 'show', 'brx']).stdout)
            return found[0]['linkinfo']['info_data']['bridge_id']

        def root(namespace, interface):
            """As its port sees it: iproute2 6.1 prints a bridge's own id where the bridge's root should stand."""
            found = json.loads(namespace.run(['ip', '-j', '-d', 'link', 'show', interface]).stdout)
            return found[0]['linkinfo']['info_slave_data']['root_id']

        with contextlib.ExitStack() as undo:
            for namespace, interface, priority in ends:
                namespace.run(['ip', 'link', 'add', 'brx', 'type', 'bridge', 'stp_state', '1', 'priority', priority,
                               'hello_time', '100', 'forward_delay', '200'])
                undo.callback(namespace.run, ['ip', 'link', 'del', 'brx'])
                namespace.run(['ip', 'link', 'set', interface, 'master', 'brx'])
                namespace.run(['ip', 'link', 'set', 'brx', 'up'])
            left, right = own_id(self.scene.client), own_id(self.scene.server)
            self.assertNotEqual(left, right)
            wait_until(lambda: root(self.scene.client, 'c0') == root(self.scene.server, 's0') == right, 20,
                       'one root', 0.2)
            figure(f'bridges {left} and {right} both see the root {root(self.scene.client, "c0")}')
