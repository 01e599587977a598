# SPDX-License-Identifier: Apache-2.0
"""Rows Q: first flights as no browser sends them, for ngtcp2's server (GnuTLS)."""

import os
import random
import struct

from lab.catalogue import Case, Seen
from lab.ends import QUIC, QUIC_RETRY
from lab.quic_client import QuicClient
from lab.quic_packets import (DRAFT_29, DRAFT_32, HANDSHAKE, V1, V2, V2_DRAFT, ZERO_RTT, crypto_frame, initial_keys,
                              long_head)
from lab.raw_udp import RawDatagrams
from lab.scene import SERVER_ADDRESSES
from lab.tls13 import PADDING, ClientHandshake, extension

from .ip_shapes import OVER_64_PIECES, SHAPES, reverse
from .messages import patience
from .tls_hellos import encrypted_hello

_FULL = 1200
_PING, _ACKED = b'\1', b'\2\0\0\0\0'


def cut(hello, *places):
    """[(offset, bytes)]"""
    marks = [0, *places, len(hello)]
    return [(left, hello[left:right]) for left, right in zip(marks, marks[1:]) if right > left]


def name_at(hello):
    return hello.index(b'.example')


def in_pieces(hello, size):
    return cut(hello, *range(size, len(hello), size))


def frames(parts, between=b''):
    return between.join(crypto_frame(offset, data) for offset, data in parts)


def one_packet(make_frames, **packet):
    def flight(client, hello):
        client.datagrams.send(client.initial(make_frames(hello), _FULL, **packet))
    return flight


def whole(hello):
    return crypto_frame(0, hello)


def datagrams(parts, order=lambda packets: packets, extra=b''):
    """One datagram for each part. order: in which they leave; their numbers go with the offsets."""
    def flight(client, hello):
        packets = [client.initial(frames([each]) + extra, _FULL) for each in parts(hello)]
        for packet in order(packets):
            client.datagrams.send(packet)
    return flight


def shuffled(parts):
    mixed = list(parts)
    random.Random(5).shuffle(mixed)
    return mixed


def coalesced(client, hello):
    first, second = [client.initial(frames([each])) for each in cut(hello, name_at(hello))]
    rest = client.initial(b'', _FULL - len(first) - len(second))
    client.datagrams.send(first + second + rest)


def behind(first_packet):
    """The Initial stands behind another packet in its datagram."""
    def flight(client, hello):
        head = long_head(first_packet, client.version, client.destination, client.source, 60, 1)
        client.datagrams.send(head + os.urandom(60) + client.initial(whole(hello), _FULL - 80))
    return flight


def decoy_first(make_decoy, then=one_packet(whole)):
    def flight(client, hello):
        client.datagrams.send(make_decoy(client, hello))
        then(client, hello)
    return flight


def broken_tag(client, hello):
    packet = bytearray(client.initial(whole(hello), _FULL))
    packet[-1] ^= 1
    return bytes(packet)


def other_connection(data):
    """A sealed Initial of another connection id; data(client, hello) → its frames."""
    def decoy(client, hello):
        destination = os.urandom(8)
        keys = initial_keys(client.version, destination)[0]
        return client.initial(data(client, hello), _FULL, destination, keys=keys, number=0)
    return decoy


def benign_hello(client, _hello):
    return whole(ClientHandshake('decoy.benign.example.test', alpn=(b'h3',)).hello)


def half_of_another(client, hello):
    return frames(cut(hello, name_at(hello))[:1])


def conflict(client, hello):
    """The end of the hello, then other bytes for it, then its start."""
    first, second = cut(hello, name_at(hello) - 3)
    client.datagrams.send(client.initial(frames([second]), _FULL))
    client.datagrams.send(client.initial(frames([(second[0], bytes(len(second[1])))]), _FULL))
    client.datagrams.send(client.initial(frames([first]), _FULL))


def second_half_by_the_servers_id(client, hello):
    """RFC 9000 §7.2: from the server's first packet on the client uses the id that it chose, with the keys of the first."""
    first, second = cut(hello, name_at(hello))
    client.datagrams.send(client.initial(frames([first]), _FULL))
    client.listen(lambda: client.server_id is not None, 1)
    client.datagrams.send(client.initial(frames([second]), _FULL, client.server_id or client.destination))


def forced_negotiation(client, hello):
    """A version that nobody speaks, to be told which ones are; then a real one on the same ports."""
    head = bytes([0xc0]) + struct.pack('!I', 0x1a2a3a4a) + b'\x08' + os.urandom(8) + b'\x08' + client.source
    client.datagrams.send(head + os.urandom(_FULL - len(head)))
    client.listen(lambda: client.negotiation_seen, 1)
    one_packet(whole)(client, hello)


def behind_another_connection(client, hello):
    """A benign connection comes about on the same ports first."""
    other = QuicClient(client.datagrams, 'first.benign.example.test', one_packet(whole))
    other.run(2)
    one_packet(whole)(client, hello)


def ask_quic(bench, name, flight, port=QUIC, ipv6=False, shape=None, version=V1, **hello):
    with bench.wire() as wire:
        datagrams_of_it = RawDatagrams(wire, bench.server_hardware, SERVER_ADDRESSES[ipv6], port, shape)
        client = QuicClient(datagrams_of_it, name.host, flight, version, **hello)
        return Seen(client.run(patience(bench, name)), client.closed)


def on_both(row, title, flight, families=(False, True), rule='', **options):
    for ipv6 in families:
        yield Case(row, f'{title} over {"IPv6" if ipv6 else "IPv4"}',
                   lambda bench, name, ipv6=ipv6: ask_quic(bench, name, flight, ipv6=ipv6, **options), rule)


def halves(hello):
    return cut(hello, name_at(hello) + 2)


def cases():
    plain = one_packet(whole)
    yield from on_both('Q1', 'one packet', plain)
    yield from on_both('Q1', 'two CRYPTO frames, second first', one_packet(lambda hello: frames(halves(hello)[::-1])))
    yield from on_both('Q1', 'pieces of 11 bytes, shuffled, with PING and PADDING', one_packet(
        lambda hello: frames(shuffled(in_pieces(hello, 11)), _PING + bytes(3))))
    yield from on_both('Q1', 'single bytes of the name', one_packet(lambda hello: frames(shuffled(
        cut(hello, *range(name_at(hello) - 20, name_at(hello) + 13))))))
    yield from on_both('Q1', 'PADDING before', one_packet(lambda hello: bytes(300) + _PING + whole(hello)))
    yield from on_both('Q1', 'two datagrams', datagrams(halves))
    yield from on_both('Q1', 'two datagrams, second first', datagrams(halves, reverse))
    yield from on_both('Q1', 'six datagrams, shuffled', datagrams(lambda hello: in_pieces(hello, 60), shuffled))
    yield from on_both('Q2', 'pieces twice', one_packet(lambda hello: frames(
        [each for each in in_pieces(hello, 30) for _ in range(2)])))
    yield from on_both('Q2', 'pieces that overlap', one_packet(lambda hello: frames(
        [(at, hello[at:at + 50]) for at in range(0, len(hello), 20)])))
    yield from on_both('Q2', 'the datagrams twice', datagrams(halves, lambda packets: [packets[1], *packets, packets[1]]))
    yield from on_both('Q2', 'other bytes for the same place', conflict)
    yield from on_both('Q3', 'random bytes before', decoy_first(lambda client, hello: os.urandom(_FULL)))
    yield from on_both('Q3', 'an Initial with a broken tag before', decoy_first(broken_tag))
    yield from on_both('Q3', 'a benign hello of another connection before', decoy_first(other_connection(benign_hello)))
    yield from on_both('Q3', 'half a hello of another connection before', decoy_first(other_connection(half_of_another)))
    yield from on_both('Q3', 'a decoy before two datagrams, second first', decoy_first(
        other_connection(benign_hello), datagrams(halves, reverse)))
    yield from on_both('Q4', 'the second half by the id that the server chose', second_half_by_the_servers_id)
    yield from on_both('Q5', 'two Initials in one datagram', coalesced)
    yield from on_both('Q5', 'behind a 0-RTT packet', behind(ZERO_RTT))
    yield from on_both('Q5', 'behind a Handshake packet', behind(HANDSHAKE))
    for title, version in (('version 2', V2), ('version 2 of the drafts', V2_DRAFT), ('draft 29', DRAFT_29),
                           ('draft 32', DRAFT_32)):
        yield from on_both('Q6', title, plain, version=version)
    yield from on_both('Q7', 'after a forced version negotiation', forced_negotiation)
    yield from on_both('Q8', 'after a Retry', plain, port=QUIC_RETRY)
    yield from on_both('Q8', 'after a Retry, in two datagrams, second first', datagrams(halves, reverse), port=QUIC_RETRY)
    yield from on_both('Q9', 'the fixed bit is 0', one_packet(whole, fixed=0))
    for size in (1, 3, 4):
        yield from on_both('Q9', f'a packet number of {size} bytes', one_packet(whole, size=size))
    yield from on_both('Q9', 'the packet number is 200', one_packet(whole, number=200))
    yield from on_both('Q10', 'bytes behind the packet', lambda client, hello: client.datagrams.send(
        client.initial(whole(hello), _FULL) + bytes(37)))
    for size in (1400, 600):
        yield from on_both('Q10', f'a datagram of {size} bytes', lambda client, hello, size=size: client.datagrams.send(
            client.initial(whole(hello), size)))
    yield from on_both('Q12', 'behind another connection on the same ports', behind_another_connection)
    yield from on_both('Q15', 'with an encrypted hello inside', plain, before=encrypted_hello())
    yield from on_both('S7', 'the name behind a key of 1,700 bytes, in datagrams, last first', datagrams(
        lambda hello: in_pieces(hello, 1000), reverse), before=extension(PADDING, bytes(1700)))
    for row, title, shape, families, rule in SHAPES:
        if not rule:
            over = 'a datagram in over 64 pieces' if title in OVER_64_PIECES else ''
            yield from on_both('Q11', f'{title} ({row})', plain, families=families, rule=over, shape=shape)
