# SPDX-License-Identifier: Apache-2.0
"""Rows D: DNS queries as no resolver writes them, over UDP and TCP, for Unbound."""

import struct

from lab.catalogue import Case, Seen
from lab.ends import DNS_ELSEWHERE
from lab.raw_udp import RawDatagrams
from lab.scene import SERVER_ADDRESSES

from .ip_shapes import SHAPES
from .messages import patience

_DNS = 53
_A, _NS, _MX, _TXT, _AAAA, _SRV, _HTTPS, _ANY = 1, 2, 15, 16, 28, 33, 65, 255


def labels(name):
    return b''.join(bytes([len(label)]) + label.encode('latin-1') for label in name.split('.')) + b'\0'


def query(name, kind=_A, number=7, flags=0x0100, extra=b'', additional=0, questions=1, before=b'', behind=b'',
          wire_name=None):
    """before, behind: further questions; wire_name: the labels where they are not plain ones."""
    question = (labels(name) if wire_name is None else wire_name) + struct.pack('!HH', kind, 1)
    return struct.pack('!6H', number, flags, questions, 0, 0, additional) + before + question + behind + extra


def opt(*options, flags=0, size=1232):
    data = b''.join(struct.pack('!HH', code, len(value)) + value for code, value in options)
    return b'\0' + struct.pack('!HHIH', 41, size, flags, len(data)) + data


def takes(answer, number):
    """Whether it is the answer to that query, without an error."""
    return len(answer) >= 12 and answer[:2] == struct.pack('!H', number) and answer[3] & 15 == 0 and bool(answer[2] & 0x80)


def ask_udp(bench, name, make, port=_DNS, ipv6=False, shape=None):
    with bench.wire() as wire:
        datagrams = RawDatagrams(wire, bench.server_hardware, SERVER_ADDRESSES[1 if ipv6 else 0], port, shape)
        data = make(name)
        datagrams.send(data)
        answer = datagrams.receive(patience(bench, name))
        return Seen(answer is not None and takes(answer, int.from_bytes(data[:2], 'big')))


def in_length(*messages):
    return b''.join(struct.pack('!H', len(each)) + each for each in messages)


def ask_tcp(bench, name, make, number, sizes=(4000,), port=_DNS, ipv6=False, reverse=False):
    """make(name) → the stream's bytes; the answer to query `number` is awaited."""
    with bench.wire() as wire:
        stream = bench.stream(wire, port, ipv6)
        if not stream.open():
            return Seen(False, note='no handshake')
        data = make(name)
        parts, at = [], 0
        while at < len(data):
            size = sizes[min(len(parts), len(sizes) - 1)]
            parts.append((at, data[at:at + size]))
            at += size
        for seq, payload in parts[::-1] if reverse else parts:
            stream.emit(seq, payload)
        stream.written = data

        def answered():
            rest = stream.received
            while len(rest) >= 2 and len(rest) >= 2 + int.from_bytes(rest[:2], 'big'):
                end = 2 + int.from_bytes(rest[:2], 'big')
                if takes(rest[2:end], number):
                    return True
                rest = rest[end:]
            return False
        seen = Seen(stream.until(answered, patience(bench, name)), stream.over)
        stream.abort()
        return seen


def over_udp(row, title, make, families=(False,), **options):
    for ipv6 in families:
        yield Case(row, f'{title}, UDP over {"IPv6" if ipv6 else "IPv4"}',
                   lambda bench, name, ipv6=ipv6: ask_udp(bench, name, make, ipv6=ipv6, **options))


def over_tcp(row, title, make, number=7, families=(False,), **options):
    for ipv6 in families:
        yield Case(row, f'{title}, TCP over {"IPv6" if ipv6 else "IPv4"}',
                   lambda bench, name, ipv6=ipv6: ask_tcp(bench, name, make, number, ipv6=ipv6, **options))


def plain(name):
    return query(name.host)


def padded(name):
    return query(name.host, extra=opt((12, bytes(300))), additional=1)


def benign(number=1):
    return query(f'other{number}.benign.example.test', number=number)


def datagram_cases():
    both = (False, True)
    yield from over_udp('D1', 'plain', plain, both)
    yield from over_udp('D1', 'capitals', lambda name: query(name.host.upper()))
    yield from over_udp('D1', 'mixed letters', lambda name: query(name.host.title()), both)
    yield from over_udp('D2', 'a pointer to the end of another question', lambda name: query(
        '', questions=2, before=labels('benign.example.test') + struct.pack('!HH', _A, 1),
        wire_name=labels(name.host.removesuffix('.example.test'))[:-1] + b'\xc0\x13'))
    yield from over_udp('D2', 'a pointer ahead', lambda name: query(
        '', wire_name=labels(name.host.split('.')[0])[:-1] + b'\xc0' + bytes([12 + 7 + 2 + 4]),
        behind=labels(name.host.partition('.')[2])))
    yield from over_udp('D3', 'no question counted', lambda name: query(name.host, questions=0))
    yield from over_udp('D3', 'a benign question first', lambda name: query(
        name.host, questions=2, before=labels(name.benign) + struct.pack('!HH', _A, 1)))
    yield from over_udp('D3', 'a benign question second', lambda name: query(
        name.host, questions=2, behind=labels(name.benign) + struct.pack('!HH', _A, 1)))
    for title, options in (('EDNS', ()), ('a cookie', ((10, b'12345678'),)), ('padding', ((12, bytes(300)),)),
                           ('a subnet', ((8, b'\0\1\x18\0\xc0\0\2'),)), ('an option nobody knows', ((65001, b'abc'),))):
        yield from over_udp('D5', f'with {title}', lambda name, options=options: query(
            name.host, extra=opt(*options), additional=1))
    yield from over_udp('D5', 'DNSSEC OK', lambda name: query(name.host, extra=opt(flags=0x8000), additional=1))
    yield from over_udp('D5', 'all of AD, CD and Z', lambda name: query(name.host, flags=0x0170))
    yield from over_udp('D5', 'not recursive', lambda name: query(name.host, flags=0))
    yield from over_udp('D5', 'bytes behind the message', lambda name: query(name.host, extra=b'junk'))
    for title, kind in (('AAAA', _AAAA), ('HTTPS', _HTTPS), ('ANY', _ANY), ('TXT', _TXT), ('MX', _MX), ('NS', _NS),
                        ('SRV', _SRV), ('type 65280', 65280)):
        yield from over_udp('D7', title, lambda name, kind=kind: query(name.host, kind))
    yield from over_udp('D8', 'port 5300', plain, both, port=DNS_ELSEWHERE)
    yield from over_udp('D8', 'port 5300 with padding', padded, port=DNS_ELSEWHERE)
    yield from over_udp('D1', 'the message id is 0', lambda name: query(name.host, number=0))
    for row, title, shape, families, rule in SHAPES:
        if not rule:
            yield from over_udp('D10', f'{title} ({row})', padded, families, shape=shape)


def stream_cases():
    both = (False, True)

    def one(name):
        return in_length(plain(name))
    yield from over_tcp('D4', 'one message', one, families=both)
    yield from over_tcp('D4', 'the length alone first', one, families=both, sizes=(2, 4000))
    yield from over_tcp('D4', 'the length in two segments', one, sizes=(1, 4000))
    yield from over_tcp('D4', 'single bytes', one, families=both, sizes=(1,))
    yield from over_tcp('D4', 'segments of 5 bytes in reverse', one, sizes=(5,), reverse=True)
    yield from over_tcp('D4', 'behind a benign message', lambda name: in_length(benign(), plain(name)), families=both)
    yield from over_tcp('D4', 'behind five messages', lambda name: in_length(*map(benign, range(1, 6)), plain(name)))
    yield from over_tcp('D4', 'before a benign message', lambda name: in_length(plain(name), benign()))
    yield from over_tcp('D4', 'behind 3,000 bytes of padding', lambda name: in_length(
        query('other.benign.example.test', number=1, extra=opt((12, bytes(3000))), additional=1), plain(name)), sizes=(1200,))
    yield from over_tcp('D4', 'with 3,000 bytes of padding', lambda name: in_length(
        query(name.host, extra=opt((12, bytes(3000))), additional=1)), sizes=(1200,))
    yield from over_tcp('D4', 'HTTPS record, mixed letters', lambda name: in_length(query(name.host.title(), _HTTPS)))
    yield from over_tcp('D4', 'a length that looks like TLS', lambda name: in_length(
        query(name.host, extra=opt((12, bytes(0x1603 - 16 - len(labels(name.host)) - 15))), additional=1)), sizes=(1200,))
    yield from over_tcp('D4', 'a length that looks like GET', lambda name: in_length(
        query(name.host, extra=opt((12, bytes(0x4745 - 16 - len(labels(name.host)) - 15))), additional=1)), sizes=(1300,))
    yield from over_tcp('D8', 'port 5300', one, families=both, port=DNS_ELSEWHERE)


def harmless():
    """D6: labels that only look like a listed name."""

    def dotted(name):
        name.wanted = name.token
        return query('', wire_name=b'\x0d' + b'listed.exampl'[:13] + labels(f'{name.token}.benign.example.test'))
    yield Case('D6', 'harmless: a dot in a label', lambda bench, name: ask_udp(bench, name, dotted), blocks=False)


def cases():
    yield from datagram_cases()
    yield from stream_cases()
    yield from harmless()
