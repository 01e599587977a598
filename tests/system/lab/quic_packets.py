# SPDX-License-Identifier: Apache-2.0
"""QUIC packets byte by byte (RFC 9000 §17, RFC 9001 §5): keys, sealing and opening."""

import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .tls13 import expand_label, extract

V1, DRAFT_29, DRAFT_32, V2_DRAFT, V2 = 1, 0xff00001d, 0xff000020, 0x709a50c4, 0x6b3343cf
INITIAL, ZERO_RTT, HANDSHAKE, RETRY, SHORT = range(5)
_SALTS = {
    V1: '38762cf7f55934b34d179ae6a4c80cadccbb7f0a', V2: '0dede3def700a6db819381be6e269dcbf9bd2ed9',
    V2_DRAFT: 'a707c203a59b47184a1d62ca570406ea7ae3e5d3', DRAFT_29: 'afbfec289993d24c9e9786f19c6111e04390a899',
    DRAFT_32: 'afbfec289993d24c9e9786f19c6111e04390a899',
}


def is_v2(version):
    return version in (V2, V2_DRAFT)


def varint(value):
    for size, mark in ((1, 0), (2, 0x40), (4, 0x80), (8, 0xc0)):
        if value < 1 << (size * 8 - 2):
            data = value.to_bytes(size, 'big')
            return bytes([data[0] | mark]) + data[1:]
    raise ValueError(value)


def read_varint(data, at):
    """(value, place behind it)"""
    size = 1 << (data[at] >> 6)
    return int.from_bytes(data[at:at + size], 'big') & ((1 << (size * 8 - 2)) - 1), at + size


class Keys:
    """One direction at one level."""

    def __init__(self, secret, version):
        prefix = b'quicv2 ' if is_v2(version) else b'quic '
        self._cipher = AESGCM(expand_label(secret, prefix + b'key', b'', 16))
        self._iv = expand_label(secret, prefix + b'iv', b'', 12)
        self._mask = Cipher(algorithms.AES(expand_label(secret, prefix + b'hp', b'', 16)), modes.ECB())

    def _nonce(self, number):
        return (int.from_bytes(self._iv, 'big') ^ number).to_bytes(12, 'big')

    def _protection(self, sample):
        return self._mask.encryptor().update(sample)

    def seal(self, head, number, size, payload):
        """head: up to the packet number, whose size stands in its first byte already."""
        head += (number & ((1 << size * 8) - 1)).to_bytes(size, 'big')
        sealed = self._cipher.encrypt(self._nonce(number), payload, head)
        mask = self._protection(sealed[4 - size:20 - size])
        first = head[0] ^ mask[0] & (0x0f if head[0] & 0x80 else 0x1f)
        number_bytes = bytes(byte ^ key for byte, key in zip(head[-size:], mask[1:]))
        return bytes([first]) + head[1:-size] + number_bytes + sealed

    def open(self, packet, at):
        """at: of the packet number. (number, payload), or None where these are not its keys."""
        mask = self._protection(packet[at + 4:at + 20])
        first = packet[0] ^ mask[0] & (0x0f if packet[0] & 0x80 else 0x1f)
        size = (first & 3) + 1
        number = bytes(byte ^ key for byte, key in zip(packet[at:at + size], mask[1:]))
        head = bytes([first]) + packet[1:at] + number
        try:
            value = int.from_bytes(number, 'big')
            return value, self._cipher.decrypt(self._nonce(value), packet[at + size:], head)
        except InvalidTag:
            return None


def initial_keys(version, connection_id):
    """(the client's, the server's)"""
    secret = extract(bytes.fromhex(_SALTS[version]), connection_id)
    return tuple(Keys(expand_label(secret, label, b'', 32), version) for label in (b'client in', b'server in'))


def type_bits(kind, version):
    """RFC 9369 §3.2: version 2 turns the types by one."""
    return ((kind + 1) % 4 if is_v2(version) else kind) << 4


def long_head(kind, version, destination, source, length, size, token=b'', fixed=0x40):
    head = bytes([0x80 | fixed | type_bits(kind, version) | size - 1]) + struct.pack('!I', version)
    head += bytes([len(destination)]) + destination + bytes([len(source)]) + source
    if kind == INITIAL:
        head += varint(len(token)) + token
    return head + struct.pack('!H', 0x4000 | length)


def crypto_frame(offset, data):
    return b'\6' + varint(offset) + varint(len(data)) + data


def stream_frame(stream, data, end):
    return bytes([0x0a | end]) + varint(stream) + varint(len(data)) + data


def walk_datagram(datagram, own_id_size):
    """(kind, source id, token or None, place of the packet number, packet) of each packet; version negotiation: kind None."""
    at = 0
    while at < len(datagram):
        packet = datagram[at:]
        if not packet[0] & 0x80:
            yield SHORT, b'', None, 1 + own_id_size, packet
            return
        version = int.from_bytes(packet[1:5], 'big')
        source_at = 6 + packet[5]
        source = packet[source_at + 1:source_at + 1 + packet[source_at]]
        behind = source_at + 1 + packet[source_at]
        if version == 0:
            yield None, source, None, behind, packet
            return
        kind = (packet[0] >> 4 & 3) - (1 if is_v2(version) else 0) & 3
        if kind == RETRY:
            yield RETRY, source, packet[behind:-16], behind, packet
            return
        if kind == INITIAL:
            token_size, behind = read_varint(packet, behind)
            behind += token_size
        length, behind = read_varint(packet, behind)
        yield kind, source, None, behind, packet[:behind + length]
        at += behind + length


def walk_frames(payload):
    """(kind, stream or None, offset, data) of the CRYPTO and STREAM frames; stops at what it does not know."""
    at = 0
    while at < len(payload):
        kind = payload[at]
        at += 1
        if kind in (0, 1, 0x1e):
            continue
        if kind in (2, 3):
            at = _behind_ack(payload, at, kind)
        elif kind == 6 or kind == 7:
            offset = 0
            if kind == 6:
                offset, at = read_varint(payload, at)
            length, at = read_varint(payload, at)
            if kind == 6:
                yield 6, None, offset, payload[at:at + length]
            at += length
        elif 8 <= kind <= 15:
            stream, at = read_varint(payload, at)
            offset, at = read_varint(payload, at) if kind & 4 else (0, at)
            length, at = read_varint(payload, at) if kind & 2 else (len(payload) - at, at)
            yield 8, stream, offset, payload[at:at + length]
            at += length
        elif kind in (0x10, 0x12, 0x13):
            _, at = read_varint(payload, at)
        elif kind == 0x18:
            for _ in range(2):
                _, at = read_varint(payload, at)
            at += 1 + payload[at] + 16
        elif kind in (0x1a, 0x1b):
            at += 8
        else:
            return


def _behind_ack(payload, at, kind):
    for _ in range(2):
        _, at = read_varint(payload, at)
    ranges, at = read_varint(payload, at)
    for _ in range(1 + 2 * ranges + (3 if kind == 3 else 0)):
        _, at = read_varint(payload, at)
    return at
