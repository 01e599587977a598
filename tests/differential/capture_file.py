# SPDX-License-Identifier: Apache-2.0
"""A capture file as a list of packets that can be kept or left out; all else of it stays byte for byte."""

import struct

_PCAP_MAGICS = {b'\xd4\xc3\xb2\xa1': '<', b'\x4d\x3c\xb2\xa1': '<', b'\xa1\xb2\xc3\xd4': '>', b'\xa1\xb2\x3c\x4d': '>'}
_SECTION = b'\x0a\x0d\x0d\x0a'
_PACKET_BLOCKS = (2, 3, 6)  # packet (obsolete), simple packet, enhanced packet


class CaptureFile:
    """parts: [(is it a packet, its bytes)]; packets count from 0 over the parts that are some."""

    def __init__(self, path):
        with open(path, 'rb') as capture:
            content = capture.read()
        self._parts = _pcapng_parts(content) if content[:4] == _SECTION else _pcap_parts(content)
        self.count = sum(is_packet for is_packet, _ in self._parts)

    def write(self, path, kept):
        """kept: a set of packets' numbers."""
        number = 0
        with open(path, 'wb') as out:
            for is_packet, content in self._parts:
                if not is_packet or number in kept:
                    out.write(content)
                number += is_packet


def _pcap_parts(content):
    order = _PCAP_MAGICS.get(content[:4])
    if order is None:
        raise ValueError('neither pcap nor pcapng')
    parts, at = [(False, content[:24])], 24
    while at + 16 <= len(content):
        end = at + 16 + struct.unpack(order + 'I', content[at + 8:at + 12])[0]
        parts.append((True, content[at:end]))
        at = end
    return parts


def _pcapng_parts(content):
    parts, at, order = [], 0, '<'
    while at + 12 <= len(content):
        if content[at:at + 4] == _SECTION:
            order = '<' if content[at + 8:at + 12] == b'\x4d\x3c\x2b\x1a' else '>'
        kind, length = struct.unpack(order + 'II', content[at:at + 8])
        if length < 12:
            break
        parts.append((kind in _PACKET_BLOCKS and content[at:at + 4] != _SECTION, content[at:at + length]))
        at += length
    return parts
