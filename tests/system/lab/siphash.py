# SPDX-License-Identifier: Apache-2.0
"""The digest of src/digest/name.h a second time, so that the tests do not ask the programs whether they are right."""

import struct

_MASK = (1 << 64) - 1
_URL_DOMAIN = 0xff00000000030000


def _rotate(value, bits):
    return ((value << bits) | (value >> (64 - bits))) & _MASK


class SipState:
    def __init__(self, key):
        first, second = struct.unpack('<QQ', key)
        self.v = [first ^ 0x736f6d6570736575, second ^ 0x646f72616e646f6d ^ 0xee, first ^ 0x6c7967656e657261,
                  second ^ 0x7465646279746573]

    def _round(self):
        a, b, c, d = self.v
        a = (a + b) & _MASK
        b = _rotate(b, 13) ^ a
        a = _rotate(a, 32)
        c = (c + d) & _MASK
        d = _rotate(d, 16) ^ c
        a = (a + d) & _MASK
        d = _rotate(d, 21) ^ a
        c = (c + b) & _MASK
        b = _rotate(b, 17) ^ c
        c = _rotate(c, 32)
        self.v = [a, b, c, d]

    def feed(self, word):
        self.v[3] ^= word
        self._round()
        self.v[0] ^= word

    def finish(self):
        """(low, high); the state is used up."""
        halves = []
        for index, mark in ((2, 0xee), (1, 0xdd)):
            self.v[index] ^= mark
            for _ in range(3):
                self._round()
            halves.append(self.v[0] ^ self.v[1] ^ self.v[2] ^ self.v[3])
        return tuple(halves)


def _feed(state, text, mark):
    at = 0
    while at + 8 <= len(text):
        state.feed(int.from_bytes(text[at:at + 8], 'little'))
        at += 8
    state.feed(int.from_bytes(text[at:], 'little') | mark(len(text) - at) << 56)


def _host(key, host):
    state = SipState(key)
    for label in reversed(host.encode().split(b'.')):
        _feed(state, label[::-1], lambda _rest, label=label: len(label))
    return state


def host_digest(key, host):
    return _host(key, host).finish()


def url_digest(key, host, path, port=0):
    state = _host(key, host)
    state.feed(_URL_DOMAIN | port)
    for segment in path.encode()[1:].split(b'/'):
        _feed(state, segment, lambda rest: 0x80 + rest)
    return state.finish()
