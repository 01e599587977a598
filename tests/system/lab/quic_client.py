# SPDX-License-Identifier: Apache-2.0
"""A QUIC client of our own whose first flight is a trick's; it finishes the handshake and asks for one page over HTTP/3."""

import os
import time

from .quic_packets import (HANDSHAKE, INITIAL, RETRY, SHORT, V1, Keys, crypto_frame, initial_keys, is_v2, long_head,
                           stream_frame, varint, walk_datagram, walk_frames)
from .tls13 import ClientHandshake, extension, whole_messages

_PARAMETERS, _DRAFT_PARAMETERS = 57, 0xffa5
_GOOD_FOR = (0x04, 0x05, 0x06, 0x07)  # the flow control limits, RFC 9000 §18.2


def _parameters(source, version):
    out = b''.join(varint(kind) + b'\4' + (0x80000000 | 1 << 20).to_bytes(4, 'big') for kind in _GOOD_FOR)
    out += b'\x08\x01\x10\x09\x01\x10' + b'\x0f' + bytes([len(source)]) + source
    return extension(_DRAFT_PARAMETERS if version >> 8 == 0xff0000 else _PARAMETERS, out)


def _literal(mark, text):
    data = text.encode()
    return bytes([mark, len(data)]) + data


def _headers(host):
    """A HEADERS frame (RFC 9114 §7.2.2, RFC 9204): GET, https, authority and path."""
    block = b'\0\0\xd1\xd7' + _literal(0x50, host) + _literal(0x51, '/index.html')
    return b'\1' + varint(len(block)) + block


class QuicClient:
    """One connection.

    datagrams   a RawDatagrams
    first_flight  (client, hello) sends the hello its way; called again after a Retry
    hello_options  words of ClientHandshake
    """

    def __init__(self, datagrams, host, first_flight, version=V1, **hello_options):
        self.datagrams = datagrams
        self.host = host
        self.version = version
        self.source = os.urandom(8)
        self.token = b''
        self.negotiation_seen = False
        self.closed = False
        self.server_id = None
        self._first_flight = first_flight
        alpn = b'h3' if version in (V1,) or is_v2(version) else b'h3-%d' % (version & 0xff)
        behind = hello_options.pop('behind', b'') + _parameters(self.source, version)
        self.handshake = ClientHandshake(host, alpn=(alpn,), behind=behind, **hello_options)
        self._numbers = {INITIAL: 0, HANDSHAKE: 0, SHORT: 0}
        self._crypto = {INITIAL: {}, HANDSHAKE: {}}
        self._largest = {INITIAL: None, HANDSHAKE: None, SHORT: None}
        self._server_keys = {}
        self._later = []
        self._answer = b''
        self.restart(os.urandom(8))

    def restart(self, destination):
        """Keys from this connection id, as at the very start and after a Retry."""
        self.destination = destination
        self.keys, self._server_keys[INITIAL] = initial_keys(self.version, destination)

    def initial(self, frames, pad_to=0, destination=None, size=2, keys=None, number=None, fixed=0x40):
        """One Initial packet. pad_to: of the whole packet, by PADDING frames."""
        destination = self.destination if destination is None else destination
        number = self._next(INITIAL) if number is None else number
        head_size = len(long_head(INITIAL, self.version, destination, self.source, 0, size, self.token)) + size + 16
        frames += bytes(max(0, pad_to - head_size - len(frames), 4 - size - len(frames)))
        head = long_head(INITIAL, self.version, destination, self.source, len(frames) + size + 16, size, self.token, fixed)
        return (keys or self.keys).seal(head, number, size, frames)

    def _next(self, level):
        self._numbers[level] += 1
        return self._numbers[level] - 1

    def run(self, timeout_s):
        """The whole connection; whether the page was answered."""
        self._first_flight(self, self.handshake.hello)
        return self.listen(lambda: b'\1' in self._answer[:1], timeout_s)

    def listen(self, enough, timeout_s):
        deadline = time.monotonic() + timeout_s
        while not enough() and not self.closed and (left := deadline - time.monotonic()) > 0:
            datagram = self.datagrams.receive(left)
            if datagram is not None:
                self._take(datagram)
        return enough()

    def _take(self, datagram):
        for kind, source, token, at, packet in walk_datagram(datagram, len(self.source)):
            if kind is None:
                self.negotiation_seen = True
            elif kind == RETRY:
                if not self.token:
                    self.token = token
                    self.restart(source)
                    self._first_flight(self, self.handshake.hello)
            else:
                self._later.append((kind, source, at, packet))
        pending, self._later = self._later, []
        for each in pending:
            if not self._take_packet(*each):
                self._later.append(each)

    def _take_packet(self, kind, source, at, packet):
        """False where its keys are not there yet."""
        keys = self._server_keys.get(kind)
        if keys is None:
            return kind == 1  # 0-RTT is never the server's
        opened = keys.open(packet, at)
        if opened is None:
            return True
        number, payload = opened
        self._largest[kind] = max(number, self._largest[kind] or 0)
        if kind == INITIAL:
            self.server_id = source
        for frame, stream, offset, data in walk_frames(payload):
            if frame == 6 and kind in self._crypto:
                self._crypto[kind][offset] = data
            elif frame == 8 and stream == 0:
                self._answer += data
        if payload[:1] in (b'\x1c', b'\x1d'):
            self.closed = True
        if kind != SHORT:
            self._advance()
        return True

    def _ordered(self, level):
        data = b''
        for offset in sorted(self._crypto[level]):
            if offset <= len(data):
                data += self._crypto[level][offset][len(data) - offset:]
        return data

    def _advance(self):
        if self.handshake.server_handshake is None:
            messages = list(whole_messages(self._ordered(INITIAL)))
            if messages:
                self.handshake.take_server_hello(messages[0][1])
                self._server_keys[HANDSHAKE] = Keys(self.handshake.server_handshake, self.version)
        elif self.handshake.server_application is None:
            flight = self._ordered(HANDSHAKE)
            if any(kind == 20 for kind, _ in whole_messages(flight)):
                self._finish(self.handshake.take_server_flight(flight))

    def _finish(self, finished):
        self._server_keys[SHORT] = Keys(self.handshake.server_application, self.version)
        frames = b'\2' + varint(self._largest[HANDSHAKE]) + b'\0\0' + varint(self._largest[HANDSHAKE]) + crypto_frame(0, finished)
        head = long_head(HANDSHAKE, self.version, self.server_id, self.source, len(frames) + 18, 2)
        first = Keys(self.handshake.client_handshake, self.version).seal(head, self._next(HANDSHAKE), 2, frames)
        frames = stream_frame(2, b'\0\4\0', 0) + stream_frame(0, _headers(self.host), 1)
        second = Keys(self.handshake.client_application, self.version).seal(
            b'\x41' + self.server_id, self._next(SHORT), 2, frames)
        self.datagrams.send(first + second)
