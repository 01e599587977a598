# SPDX-License-Identifier: Apache-2.0
"""Rows I: what a client may do with IP packets, around an honest TCP segment or UDP datagram."""

import struct

from lab.frames import address_bytes, checksum, ip_packet

from .messages import over_messages
from .tcp_tricks import cut_at, whole

_MORE = 0x2000
_HOP_BY_HOP, _ROUTING, _FRAGMENT, _DESTINATION = 0, 43, 44, 60
_PAD = b'\1\4\0\0\0\0'  # PadN of six bytes: the rest of the first eight


def is_ipv6(ends):
    return ':' in ends.server_address


def next_identification(ends):
    ends.identification = (ends.identification + 1) & 0xffff
    return ends.identification


def fragment(ends, protocol, identification, offset, data, more, ttl=64, behind=b'', behind_kind=None):
    """One fragment of either family. behind: IPv6 headers that stand behind the fragment header, in the data already."""
    if is_ipv6(ends):
        kind = protocol if behind_kind is None else behind_kind
        head = struct.pack('!BBHI', kind, 0, offset | (1 if more else 0), identification)
        return ip_packet(ends.source, ends.server_address, _FRAGMENT, head + data, ttl)
    bits = (_MORE if more else 0) | offset >> 3
    return ip_packet(ends.source, ends.server_address, protocol, data, ttl, identification, bits)


def parts_of(payload, cuts):
    places = [0, *[cut for cut in sorted(set(cuts)) if 0 < cut < len(payload)], len(payload)]
    return list(zip(places, places[1:]))


def name_cut(payload):
    """The multiple of eight that stands in the name."""
    at = payload.find(b'.example')
    return max(32, (at + 3) // 8 * 8)


def fragments(cuts, order=lambda packets: packets, ttls=(64,), same_identification=False):
    """cuts: payload → places, multiples of 8."""
    def shape(ends, protocol, payload):
        number = ends.port if same_identification else next_identification(ends)
        packets = [fragment(ends, protocol, number, left, payload[left:right], right < len(payload), ttls[index % len(ttls)])
                   for index, (left, right) in enumerate(parts_of(payload, cuts(payload)))]
        return order(packets)
    return shape


def every(size, first=32):
    return lambda payload: range(first, len(payload), size)


def overlapping(other_bytes, first_wins=True):
    """The second of two fragments begins eight bytes before the first one's end."""
    def shape(ends, protocol, payload):
        number, cut = next_identification(ends), name_cut(payload)
        left = fragment(ends, protocol, number, 0, payload[:cut], True)
        data = bytes([byte ^ 1 for byte in payload[cut - 8:cut]]) if other_bytes else payload[cut - 8:cut]
        right = fragment(ends, protocol, number, cut - 8, data + payload[cut:], False)
        return [left, right] if first_wins else [right, left]
    return shape


def with_decoy(decoy):
    """decoy(ends, protocol, number, payload) → fragments sent before the two real ones."""
    def shape(ends, protocol, payload):
        number, cut = next_identification(ends), name_cut(payload)
        return [*decoy(ends, protocol, number, payload),
                fragment(ends, protocol, number, 0, payload[:cut], True),
                fragment(ends, protocol, number, cut, payload[cut:], False)]
    return shape


def other_identification(ends, protocol, number, payload):
    """The rest of another datagram, whose first fragment never comes."""
    cut = name_cut(payload)
    return [fragment(ends, protocol, number ^ 0x5555, cut, bytes(len(payload) - cut), False)]


def other_protocol(ends, protocol, number, payload):
    """The same number under another protocol is another datagram in IPv4."""
    cut = name_cut(payload)
    return [fragment(ends, 6 if protocol == 17 else 17, number, cut, bytes(len(payload) - cut), False)]


def headers(*kinds, sizes=8, fragmented=False, data=None):
    """IPv6 extension headers before the segment; fragmented: they and it in two fragments."""
    def shape(ends, protocol, payload):
        chain, kind = payload, protocol
        for each in reversed(kinds):
            body = data or _PAD + bytes(sizes - 8)
            if each == _ROUTING:
                body = struct.pack('!BBI', 253, 0, 0)  # an experimental type with no segments left
            elif sizes > 8 and data is None:
                body = b'\1' + bytes([sizes - 4]) + bytes(sizes - 4)
            chain = bytes([kind, len(body) // 8]) + body + chain
            kind = each
        if not fragmented:
            return [ip_packet(ends.source, ends.server_address, kind, chain)]
        number, cut = next_identification(ends), name_cut(chain)
        return [fragment(ends, kind, number, 0, chain[:cut], True), fragment(ends, kind, number, cut, chain[cut:], False)]
    return shape


def hop_by_hop_before_fragments(ends, protocol, payload):
    number, cut = next_identification(ends), name_cut(payload)
    packets = []
    for left, right in ((0, cut), (cut, len(payload))):
        head = struct.pack('!BBHI', protocol, 0, left | (right < len(payload)), number)
        packets.append(ip_packet(ends.source, ends.server_address, _HOP_BY_HOP,
                                 bytes([_FRAGMENT, 0]) + _PAD + head + payload[left:right]))
    return packets


def atomic(ends, protocol, payload):
    return [fragment(ends, protocol, next_identification(ends), 0, payload, False)]


def trailer(data):
    """Bytes behind the IP packet, as padding of short frames is."""
    return lambda ends, protocol, payload: [
        ip_packet(ends.source, ends.server_address, protocol, payload, 64, next_identification(ends)) + data]


def options(data, cuts=None):
    """IPv4 options, also over fragments (each with the copied ones)."""
    def head(ends, protocol, size, number, flags):
        source, destination = address_bytes(ends.source), address_bytes(ends.server_address)
        words = 5 + len(data) // 4
        packed = struct.pack('!BBHHHBBH', 0x40 | words, 0, words * 4 + size, number, flags, 64, protocol, 0)
        packed += source + destination + data
        return packed[:10] + struct.pack('!H', checksum(packed)) + packed[12:]

    def shape(ends, protocol, payload):
        number = next_identification(ends)
        places = parts_of(payload, cuts(payload) if cuts else [])
        return [head(ends, protocol, right - left, number, (_MORE if right < len(payload) else 0) | left >> 3) +
                payload[left:right] for left, right in places]
    return shape


def at_name(payload):
    return [name_cut(payload)]


def reverse(packets):
    return packets[::-1]


def twice(packets):
    return [each for each in packets for _ in range(2)]


def last_first(packets):
    return packets[-1:] + packets[:-1]


# (row, title, shape, families, rule)
BOTH, IPV4, IPV6 = (False, True), (False,), (True,)
RULE_2 = 'RFC 1858 and 3128, RFC 7112: a first fragment without the whole transport header'
SHAPES = [
    ('I1', 'two fragments', fragments(at_name), BOTH, ''),
    ('I1', 'two fragments, second first', fragments(at_name, reverse), BOTH, ''),
    ('I1', 'fragments of 8 bytes', fragments(every(8)), BOTH, ''),
    ('I1', 'fragments of 16 bytes in reverse', fragments(every(16), reverse), BOTH, ''),
    ('I1', 'fragments of 24 bytes, last first', fragments(every(24), last_first), BOTH, ''),
    ('I2', 'first fragment of 8 bytes', fragments(lambda payload: [8]), BOTH, RULE_2),
    ('I2', 'first fragment of 16 bytes', fragments(lambda payload: [16]), BOTH, RULE_2),
    ('I3', 'overlap with the same bytes', overlapping(False), BOTH, ''),
    ('I3', 'overlap with other bytes', overlapping(True), BOTH, ''),
    ('I3', 'overlap with other bytes, second first', overlapping(True, False), BOTH, ''),
    ('I4', 'one identification for all datagrams', fragments(at_name, same_identification=True), BOTH, ''),
    ('I4', 'the rest of another datagram first', with_decoy(other_identification), BOTH, ''),
    ('I4', 'the same identification under another protocol', with_decoy(other_protocol), IPV4, ''),
    ('I5', 'another TTL on each fragment', fragments(every(32), ttls=(64, 255, 2, 128)), BOTH, ''),
    ('I6', 'every fragment twice', fragments(every(40), twice), BOTH, ''),
    ('I7', 'hop-by-hop options', headers(_HOP_BY_HOP), IPV6, ''),
    ('I7', 'destination options', headers(_DESTINATION), IPV6, ''),
    ('I7', 'two destination options', headers(_DESTINATION, _DESTINATION), IPV6, ''),
    ('I7', 'destination options of 128 bytes', headers(_DESTINATION, sizes=128), IPV6, ''),
    ('I7', 'an unknown option to be skipped', headers(_DESTINATION, data=b'\x1e\4abcd'), IPV6, ''),
    ('I7', 'a routing header with nothing left', headers(_ROUTING), IPV6, ''),
    ('I7', 'hop-by-hop, destination and routing', headers(_HOP_BY_HOP, _DESTINATION, _ROUTING), IPV6, ''),
    ('I7', 'hop-by-hop before the fragments', hop_by_hop_before_fragments, IPV6, ''),
    ('I7', 'destination options in the fragments', headers(_DESTINATION, fragmented=True), IPV6, ''),
    ('I8', 'an atomic fragment', atomic, IPV6, ''),
    ('I9', 'a trailer of 30 bytes', trailer(b'GET /harmless HTTP/1.1\r\n\r\nabcd'), BOTH, ''),
    ('I10', 'IPv4 options: no operation', options(b'\1' * 8), IPV4, ''),
    ('I10', 'IPv4 options: router alert', options(b'\x94\4\0\0'), IPV4, ''),
    ('I10', 'IPv4 options: record route, 40 bytes', options(b'\7\x27\4' + bytes(36) + b'\0'), IPV4, ''),
    ('I10', 'IPv4 options: time stamps', options(b'\x44\x14\5\0' + bytes(16)), IPV4, ''),
    ('I10', 'IPv4 options on fragments', options(b'\x94\4\0\0', at_name), IPV4, ''),
]

OVER_64_PIECES = ('fragments of 8 bytes', 'fragments of 16 bytes in reverse')  # of a datagram of 1,200 bytes


def cases():
    for row, title, shape, families, rule in SHAPES:
        yield from over_messages(row, title, whole, families=families, rule=rule, shape=shape)
    yield from over_messages('I1', 'two segments of two fragments each', cut_at('middle'), shape=fragments(every(32)))
    yield from over_messages('I4', 'two segments under one identification', cut_at('middle'),
                             shape=fragments(at_name, same_identification=True))
