# SPDX-License-Identifier: Apache-2.0
"""Rows S: ClientHellos as no browser cuts and writes them, for nginx and s_server (OpenSSL) and gnutls-serv (GnuTLS)."""

import os
import struct

from lab.catalogue import Case
from lab.ends import GNUTLS, HTTPS, HTTPS_ELSEWHERE, PROXY, S_SERVER
from lab.tls13 import PADDING, ClientHandshake, extension, name_entry, server_name, vector

from .messages import ask_tls, record

ENDS = {'nginx': HTTPS, 's_server': S_SERVER, 'gnutls-serv': GNUTLS}
_ECH = 0xfe0d
_WARNING = b'\x15\3\1\0\2\1\x5a'  # user_canceled
_CHANGE_CIPHER = b'\x14\3\3\0\1\1'


def plain(stream, message):
    stream.write(message.data)


def reverse_pairs(stream, message):
    """Segments of 300 bytes, each second one before the first."""
    size = 300
    parts = [(at, message.data[at:at + size]) for at in range(0, len(message.data), size)]
    for index in range(0, len(parts), 2):
        for seq, payload in reversed(parts[index:index + 2]):
            stream.emit(seq, payload)


def single_bytes(stream, message):
    for at in range(len(message.data)):
        stream.emit(at, message.data[at:at + 1])


def records(*sizes, between=b'', version=b'\3\1'):
    """Handshake bytes in records of these sizes, the last one again and again; `between` stands before the second."""
    def cut(hello):
        out, at, index = b'', 0, 0
        while at < len(hello):
            size = sizes[min(index, len(sizes) - 1)]
            out += (between if index == 1 else b'') + record(hello[at:at + size], version)
            at += size
            index += 1
        return out
    return cut


def at_name(hello):
    """Two records, cut in the name."""
    cut = hello.index(b'.example') + 3
    return record(hello[:cut]) + record(hello[cut:])


def on_ends(row, title, send=plain, first=record, make=lambda name: ClientHandshake(name.host), ends=ENDS,
            families=(False,), second=None, blocks=True):
    for end, port in ends.items():
        for ipv6 in families:
            def ask(bench, name, port=port, ipv6=ipv6):
                return ask_tls(bench, name, send, ipv6, port, handshake=make(name), first=first,
                               second_names=second(name) if second else None)
            yield Case(row, f'{title}, {end}{" over IPv6" if ipv6 else ""}', ask, blocks=blocks)


def encrypted_hello():
    """The extension of an encrypted hello (RFC 9849), whose inner one nobody can read."""
    return extension(_ECH, b'\0' + struct.pack('!HHB', 1, 1, 7) + vector(2, os.urandom(32)) + vector(2, os.urandom(160)))


def record_cases():
    yield from on_ends('S1', 'one record', families=(False, True))
    for size in (1, 2, 5, 16, 64, 200):
        yield from on_ends('S1', f'records of {size} bytes', first=records(size))
    yield from on_ends('S1', 'cut in the name', first=at_name, families=(False, True))
    yield from on_ends('S1', 'first record of one byte', first=records(1, 16000))
    yield from on_ends('S1', 'cut in the message head', first=records(3, 16000))
    yield from on_ends('S1', 'records of 7 bytes in single bytes', send=single_bytes, first=records(7))
    yield from on_ends('S1', 'cut in the name, segments swapped', send=reverse_pairs, first=at_name)
    yield from on_ends('S1', 'records of 5 bytes, segments swapped', send=reverse_pairs, first=records(5))
    yield from on_ends('S1', 'an empty record between', first=records(40, between=b'\x16\3\1\0\0'))
    for version in (b'\3\0', b'\3\2', b'\3\3', b'\3\4'):
        yield from on_ends('S2', f'record version 03{version[1]:02x}', first=records(16000, version=version))
    yield from on_ends('S2', 'hello version 0301', make=lambda name: ClientHandshake(name.host, version=0x0301))
    yield from on_ends('S3', 'a warning before', first=lambda hello: _WARNING + record(hello))
    yield from on_ends('S3', 'a warning within', first=records(40, between=_WARNING))
    yield from on_ends('S3', 'change_cipher_spec before', first=lambda hello: _CHANGE_CIPHER + record(hello))
    yield from on_ends('S3', 'change_cipher_spec within', first=records(40, between=_CHANGE_CIPHER))


def hello_cases():
    def named(*entries):
        return lambda name: ClientHandshake(name.host, names=server_name(*[entry(name) for entry in entries]))

    def host(name):
        return name_entry(name.host)

    def benign(name):
        return name_entry(name.benign)
    yield from on_ends('S4', 'capitals', make=named(lambda name: name_entry(name.host.upper())))
    yield from on_ends('S4', 'mixed letters', make=named(lambda name: name_entry(name.host.title())))
    yield from on_ends('S4', 'a closing dot', make=named(lambda name: name_entry(name.host + '.')))
    # no certificate and no server block has such a name: the end falls back to its default, as it would without a name
    yield from on_ends('S4', 'harmless: a blank behind', blocks=False, make=named(lambda name: name_entry(name.host + ' ')))
    yield from on_ends('S4', 'a zero behind', make=named(lambda name: name_entry(name.host + '\0')))
    yield from on_ends('S5', 'a benign name first in the list', make=named(benign, host))
    yield from on_ends('S5', 'a benign name second in the list', make=named(host, benign))
    for title, order in (('first', (benign, host)), ('second', (host, benign))):
        yield from on_ends('S5', f'a benign extension {title}', make=lambda name, order=order: ClientHandshake(
            name.host, names=b''.join(server_name(entry(name)) for entry in order)))
    yield from on_ends('S6', 'an unknown type first', make=named(lambda name: name_entry('x.benign.example.test', 7), host))
    yield from on_ends('S6', 'an unknown type second', make=named(host, lambda name: name_entry('x.benign.example.test', 7)))
    grease = extension(0x1a1a, b'') + extension(0xfafa, b'\0')
    yield from on_ends('S7', 'GREASE before', make=lambda name: ClientHandshake(name.host, before=grease))
    yield from on_ends('S7', 'the name last', make=lambda name: ClientHandshake(name.host, behind=grease, host_last=True))
    yield from on_ends('S7', 'the name behind 1,700 bytes', make=lambda name: ClientHandshake(
        name.host, before=extension(0x2a2a, os.urandom(1700))), families=(False, True))
    yield from on_ends('S8', 'padding of 6,000 bytes before the name', make=lambda name: ClientHandshake(
        name.host, before=extension(PADDING, bytes(6000))))
    yield from on_ends('S8', 'padding of 14,000 bytes behind the name', make=lambda name: ClientHandshake(
        name.host, behind=extension(PADDING, bytes(14000))))
    yield from on_ends('S8', 'padding of 40,000 bytes before the name', first=records(16000), make=lambda name: ClientHandshake(
        name.host, before=extension(PADDING, bytes(40000))))
    yield from on_ends('S9', 'with an encrypted hello inside', make=lambda name: ClientHandshake(
        name.host, behind=encrypted_hello()))
    yield from on_ends('S9', 'a second hello after HelloRetryRequest', make=lambda name: ClientHandshake(name.host, group=24))
    yield from on_ends('S9', 'a benign first hello, then another name', second=lambda name: server_name(name_entry(name.host)),
                       make=lambda name: ClientHandshake(name.host, group=24, names=server_name(name_entry(name.benign))))


def through_a_proxy(row, title, target, before=''):
    """CONNECT, and TLS in the tunnel once the proxy has answered."""
    def ask(bench, name):
        host = target(name)

        def connect(stream, message):
            hello = message.data
            stream.write(before.encode() + f'CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\n'.encode())
            stream.until(lambda: b'\r\n\r\n' in stream.received, bench.patience_s)
            stream.received = b''
            stream.write(hello)
        return ask_tls(bench, name, connect, port=PROXY)
    yield Case(row, title, ask)


def cases():
    yield from record_cases()
    yield from hello_cases()
    yield from on_ends('T19', 'TLS on port 7002', ends={'nginx': HTTPS_ELSEWHERE}, families=(False, True))
    yield from through_a_proxy('S11', 'TLS behind CONNECT for a benign host', lambda name: name.benign)
    yield from through_a_proxy('H11', 'CONNECT for the host', lambda name: name.host)
