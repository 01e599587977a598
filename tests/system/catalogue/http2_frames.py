# SPDX-License-Identifier: Apache-2.0
"""Row H16: HTTP/2 without TLS, frame by frame (RFC 9113), for nginx and Apache."""

import struct

from lab.catalogue import Case
from lab.ends import APACHE, H2C

from .http_spellings import send_parts

ENDS = {'nginx': H2C, 'Apache': APACHE}
PREFACE = b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
_DATA, _HEADERS, _PRIORITY, _SETTINGS, _PING, _WINDOW, _CONTINUATION = 0, 1, 2, 4, 6, 8, 9
_END_STREAM, _END_HEADERS, _PADDED, _WITH_PRIORITY = 1, 4, 8, 0x20


def frame(kind, flags, stream, payload=b''):
    return struct.pack('!I', len(payload))[1:] + bytes([kind, flags]) + struct.pack('!I', stream) + payload


SETTINGS = frame(_SETTINGS, 0, 0)


def literal(mark, value, name=None):
    """A field whose name is in the static table (mark) or given; RFC 7541 §6.2, no Huffman code."""
    named = b'' if name is None else bytes([len(name)]) + name.encode()
    return bytes([mark]) + named + bytes([len(value)]) + value.encode()


def block(host, authority=0x01, path=b'\x84', method=b'\x82', more=b''):
    """GET / of the host. authority: how the field is written: 0x01 not indexed, 0x41 indexed, 0x11 never indexed."""
    return method + b'\x86' + path + literal(authority, host) + more


def headers(stream, data, flags=_END_STREAM | _END_HEADERS):
    return frame(_HEADERS, flags, stream, data)


def continued(stream, data, *places):
    """HEADERS and CONTINUATION frames, cut at these places."""
    marks = [0, *places, len(data)]
    parts = [data[left:right] for left, right in zip(marks, marks[1:])]
    out = headers(stream, parts[0], _END_STREAM)
    for index, part in enumerate(parts[1:], 2):
        out += frame(_CONTINUATION, _END_HEADERS if index == len(parts) else 0, stream, part)
    return out


def padded(stream, data, with_priority=False):
    payload = bytes([40]) + (b'\0\0\0\0\x10' if with_priority else b'') + data + bytes(40)
    return headers(stream, payload, _END_STREAM | _END_HEADERS | _PADDED | (_WITH_PRIORITY if with_priority else 0))


def spelled(row, title, make, answers=1, ends=tuple(ENDS), families=(False,), sizes=None):
    """make(name) → the bytes behind the preface."""
    for end in ends:
        for ipv6 in families:
            def ask(bench, name, end=end, ipv6=ipv6):
                data = PREFACE + make(name)
                return send_parts(bench, name, [data], ENDS[end], answers, ipv6, sizes=sizes)
            yield Case(row, f'{title}, {end}{" over IPv6" if ipv6 else ""}', ask)


def cases():
    both = (False, True)

    def plain(name):
        return SETTINGS + headers(1, block(name.host))

    def benign(name):
        return SETTINGS + headers(1, block(name.benign))
    yield from spelled('H16', 'h2c by prior knowledge', plain, families=both)
    # Apache takes a preface in pieces for HTTP/1 now and then
    yield from spelled('H16', 'h2c in single bytes', plain, sizes=1, ends=('nginx',))
    yield from spelled('H16', 'h2c in segments of 10 bytes', plain, sizes=10, ends=('nginx',), families=both)
    yield from spelled('H16', 'the name indexed', lambda name: SETTINGS + headers(1, block(name.host, 0x41)))
    yield from spelled('H16', 'the name never indexed', lambda name: SETTINGS + headers(1, block(name.host, 0x11)))
    yield from spelled('H16', 'the name in CONTINUATION', lambda name: SETTINGS + continued(1, block(name.host), 5))
    yield from spelled('H16', 'cut in the name', lambda name: SETTINGS + continued(1, block(name.host), 14))
    yield from spelled('H16', 'eight CONTINUATION frames', lambda name: SETTINGS + continued(
        1, block(name.host), *range(3, 31, 4)))
    yield from spelled('H16', 'padding', lambda name: SETTINGS + padded(1, block(name.host)))
    yield from spelled('H16', 'padding and priority', lambda name: SETTINGS + padded(1, block(name.host), True))
    yield from spelled('H16', 'the second stream', lambda name: benign(name) + headers(3, block(name.host)), 2, families=both)
    yield from spelled('H16', 'the fifth stream', lambda name: benign(name) + b''.join(
        headers(stream, block(name.benign)) for stream in (3, 5, 7)) + headers(9, block(name.host)), 5)
    yield from spelled('H16', 'the second stream, its name from the table', lambda name: SETTINGS + headers(
        1, block(name.benign, more=literal(0x40, name.host, 'x-later'))) + headers(3, block(name.host)), 2)
    yield from spelled('H16', 'behind the body of another stream', lambda name: SETTINGS + headers(
        1, block(name.benign, method=b'\x83'), _END_HEADERS) + frame(_DATA, _END_STREAM, 1, bytes(3000)) +
                       headers(3, block(name.host)), 2)
    yield from spelled('H16', 'behind SETTINGS, PING, WINDOW_UPDATE and an unknown frame', lambda name: frame(
        _SETTINGS, 0, 0, struct.pack('!HIHI', 2, 0, 4, 65535)) + frame(_PING, 0, 0, bytes(8)) + frame(
            _WINDOW, 0, 0, struct.pack('!I', 1000)) + frame(0xee, 0, 0, b'whatever') + headers(1, block(name.host)))
    yield from spelled('H16', 'behind PRIORITY', lambda name: SETTINGS + frame(_PRIORITY, 0, 1, b'\0\0\0\0\x10') +
                       headers(1, block(name.host)))
    yield from spelled('H16', 'behind a change of the table', lambda name: SETTINGS + headers(
        1, b'\x20' + block(name.host)))
    yield from spelled('H16', 'the name in capitals', lambda name: SETTINGS + headers(1, block(name.host.upper())))
    yield from spelled('H16', 'host instead of authority', lambda name: SETTINGS + headers(
        1, b'\x82\x86\x84\x0f' + literal(0x17, name.host)))
