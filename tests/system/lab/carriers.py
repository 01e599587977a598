# SPDX-License-Identifier: Apache-2.0
"""What packets travel in: each carrier puts one inner IP packet into frames for the wire."""

import struct

from .frames import checksum, ethernet, ip_packet, udp_datagram

# the tunnel's ends: nobody's kernel has these addresses
ENDS = (('192.0.2.21', '2001:db8::21', bytes.fromhex('020000000021')),
        ('192.0.2.22', '2001:db8::22', bytes.fromhex('020000000022')))
_INNER_HARDWARE = (bytes.fromhex('020000000031'), bytes.fromhex('020000000032'))
_IPIP, _IPV6, _GRE, _UDP = 4, 41, 47, 17


def kind_of(packet):
    """The EtherType of an IP packet."""
    return 0x86dd if packet[0] >> 4 == 6 else 0x0800


class Way:
    """From one end of the tunnel to the other."""

    def __init__(self, from_client):
        self.here, self.there = ENDS if from_client else ENDS[::-1]
        self._inner = _INNER_HARDWARE if from_client else _INNER_HARDWARE[::-1]
        self.identification = 0

    def frame(self, kind, payload):
        return ethernet(self.here[2], self.there[2], kind, payload)

    def inner_frame(self, packet):
        return ethernet(*self._inner, kind_of(packet), packet)

    def ipv4(self, protocol, payload):
        self.identification = (self.identification + 1) & 0xffff
        return self.frame(0x0800, ip_packet(self.here[0], self.there[0], protocol, payload, 64, self.identification))

    def ipv6(self, protocol, payload):
        return self.frame(0x86dd, ip_packet(self.here[1], self.there[1], protocol, payload))

    def udp(self, port, payload):
        return self.ipv4(_UDP, udp_datagram(self.here[0], self.there[0], 40000, port, payload))

    def fragmented(self, protocol, payload, reverse=False):
        """The outer packet in two fragments, where it is large enough to have a request."""
        if len(payload) < 120:
            return [self.ipv4(protocol, payload)]
        self.identification = (self.identification + 1) & 0xffff
        cut = len(payload) // 2 & ~7
        frames = [self.frame(0x0800, ip_packet(self.here[0], self.there[0], protocol, part, 64, self.identification, bits))
                  for part, bits in ((payload[:cut], 0x2000), (payload[cut:], cut >> 3))]
        return frames[::-1] if reverse else frames


def tags(*stack):
    data = b''.join(struct.pack('!HH', tpid, tci) for tpid, tci in stack)
    return lambda way, packet: [way.frame(0, packet)[:12] + data + struct.pack('!H', kind_of(packet)) + packet]


def label_stack(*labels):
    return b''.join(struct.pack('!I', label << 12 | (256 if index == len(labels) - 1 else 0) | 64)
                    for index, label in enumerate(labels))


def mpls(*labels):
    return lambda way, packet: [way.frame(0x8847, label_stack(*labels) + packet)]


def pseudowire(control_word):
    return lambda way, packet: [way.frame(0x8847, label_stack(1001, 17) + control_word + way.inner_frame(packet))]


def pppoe_session(packet):
    protocol = 0x0057 if kind_of(packet) == 0x86dd else 0x0021
    return struct.pack('!BBHHH', 0x11, 0, 0x1234, len(packet) + 2, protocol) + packet


def pppoe(stack=b''):
    return lambda way, packet: [way.frame(0, b'')[:12] + stack + struct.pack('!H', 0x8864) + pppoe_session(packet)]


def gre_header(kind, key=None, sequence=None, checksummed=None):
    """RFC 2784, RFC 2890. checksummed: the payload, where the header is to hold a checksum."""
    flags = sum(bit for bit, part in ((0x8000, checksummed), (0x2000, key), (0x1000, sequence)) if part is not None)
    rest = (b'' if key is None else struct.pack('!I', key)) + (b'' if sequence is None else struct.pack('!I', sequence))
    if checksummed is None:
        return struct.pack('!HH', flags, kind) + rest
    total = checksum(struct.pack('!HHI', flags, kind, 0) + rest + checksummed)
    return struct.pack('!HHHH', flags, kind, total, 0) + rest


def gre(way, packet):
    return [way.ipv4(_GRE, gre_header(kind_of(packet)) + packet)]


def gre_full(way, packet):
    return [way.ipv4(_GRE, gre_header(kind_of(packet), 7, 9, packet) + packet)]


def gre_ethernet(way, packet):
    return [way.ipv4(_GRE, gre_header(0x6558) + way.inner_frame(packet))]


def gre_mpls(way, packet):
    return [way.ipv4(_GRE, gre_header(0x8847) + label_stack(77) + packet)]


def gre_over_ipv6(way, packet):
    return [way.ipv6(_GRE, gre_header(kind_of(packet)) + packet)]


def inner_protocol(packet):
    return _IPV6 if kind_of(packet) == 0x86dd else _IPIP


def in_ipv4(way, packet):
    return [way.ipv4(inner_protocol(packet), packet)]


def in_ipv6(way, packet):
    return [way.ipv6(inner_protocol(packet), packet)]


def vxlan(port):
    return lambda way, packet: [way.udp(port, struct.pack('!II', 0x08000000, 5001 << 8) + way.inner_frame(packet))]


def gtpu_header(packet, extended=False):
    if not extended:
        return struct.pack('!BBHI', 0x30, 255, len(packet), 0x1001)
    optional = struct.pack('!HBB', 5, 0, 0x85) + b'\1\0\5\0'  # a PDU session container (TS 38.415)
    return struct.pack('!BBHI', 0x36, 255, len(packet) + len(optional), 0x1001) + optional


def gtpu(way, packet):
    return [way.udp(2152, gtpu_header(packet) + packet)]


def gtpu_extended(way, packet):
    return [way.udp(2152, gtpu_header(packet, True) + packet)]


def snap(way, packet):
    return [way.frame(len(packet) + 8, b'\xaa\xaa\3\0\0\0' + struct.pack('!H', kind_of(packet)) + packet)]


def gre_in_fragments(reverse):
    return lambda way, packet: way.fragmented(_GRE, gre_header(kind_of(packet)) + packet, reverse)


def vxlan_in_fragments(way, packet):
    payload = struct.pack('!II', 0x08000000, 5001 << 8) + way.inner_frame(packet)
    return way.fragmented(_UDP, udp_datagram(way.here[0], way.there[0], 40000, 4789, payload))


def ipip_in_fragments(way, packet):
    return way.fragmented(inner_protocol(packet), packet)


def tagged_gtpu(way, packet):
    frame = gtpu(way, packet)[0]
    return [frame[:12] + struct.pack('!HH', 0x8100, 300) + frame[12:]]


def gre_in_ipip(way, packet):
    inner = ip_packet('198.51.100.250', '198.51.100.251', _GRE, gre_header(kind_of(packet)) + packet)
    return [way.ipv4(_IPIP, inner)]


CARRIERS = {
    '802.1Q': tags((0x8100, 100)),
    '802.1ad and 802.1Q': tags((0x88a8, 10), (0x8100, 20)),
    'three tags': tags((0x88a8, 1), (0x8100, 2), (0x8100, 3)),
    'a priority tag': tags((0x8100, 0xe000)),
    'SNAP': snap,
    'MPLS': mpls(1001),
    'three MPLS labels': mpls(1001, 1002, 3),
    'a pseudowire with control word': pseudowire(bytes(4)),
    'PPPoE': pppoe(),
    'PPPoE in two tags': pppoe(struct.pack('!HHHH', 0x88a8, 10, 0x8100, 20)),
    'GRE': gre,
    'GRE with checksum, key and sequence': gre_full,
    'GRE with Ethernet': gre_ethernet,
    'GRE with MPLS': gre_mpls,
    'GRE over IPv6': gre_over_ipv6,
    'IP in IPv4': in_ipv4,
    'IP in IPv6': in_ipv6,
    'VXLAN': vxlan(4789),
    'VXLAN on port 8472': vxlan(8472),
    'GTP-U': gtpu,
    'GTP-U with extension headers': gtpu_extended,
    'GTP-U in 802.1Q': tagged_gtpu,
    'GRE in IP in IP': gre_in_ipip,
    'GRE in two fragments': gre_in_fragments(False),
    'GRE in two fragments, second first': gre_in_fragments(True),
    'VXLAN in two fragments': vxlan_in_fragments,
    'IP in IPv4 in two fragments': ipip_in_fragments,
}
