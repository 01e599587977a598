# SPDX-License-Identifier: Apache-2.0
"""Frames byte by byte: built, sent and caught on a packet socket, so that no kernel touches them in between."""

import contextlib
import select
import socket
import struct
import time

_SOL_PACKET = 263
_PACKET_ADD_MEMBERSHIP = 1
_PACKET_AUXDATA = 8
_PACKET_QDISC_BYPASS = 20
_PACKET_MR_PROMISC = 1
_SO_RCVBUFFORCE = 33
_SO_SNDBUFFORCE = 32
_ETH_P_ALL = 3
_PACKET_OUTGOING = 4
_TP_STATUS_VLAN_VALID = 0x10
_TP_STATUS_VLAN_TPID_VALID = 0x40

FIN, SYN, RST, PSH, ACK, URG = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20


def checksum(data):
    """RFC 1071."""
    if len(data) % 2:
        data += b'\0'
    total = sum(struct.unpack(f'!{len(data) // 2}H', data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def address_bytes(address):
    return socket.inet_pton(socket.AF_INET6 if ':' in address else socket.AF_INET, address)


def ethernet(source, destination, kind, payload):
    return destination + source + struct.pack('!H', kind) + payload


def ip_packet(source, destination, protocol, payload, ttl=64, identification=0, fragment=0):
    """IPv4 or IPv6 by the addresses' form. fragment: flags and offset of IPv4."""
    source, destination = address_bytes(source), address_bytes(destination)
    if len(source) == 16:
        return struct.pack('!IHBB', 6 << 28, len(payload), protocol, ttl) + source + destination + payload
    head = struct.pack('!BBHHHBBH', 0x45, 0, 20 + len(payload), identification, fragment, ttl, protocol, 0)
    head += source + destination
    return head[:10] + struct.pack('!H', checksum(head)) + head[12:] + payload


def ip_kind(address):
    return 0x86dd if ':' in address else 0x0800


def _pseudo_checksum(source, destination, protocol, segment):
    source, destination = address_bytes(source), address_bytes(destination)
    if len(source) == 16:
        pseudo = source + destination + struct.pack('!IHBB', len(segment), 0, 0, protocol)
    else:
        pseudo = source + destination + struct.pack('!BBH', 0, protocol, len(segment))
    return checksum(pseudo + segment)


def tcp_segment(source, destination, source_port, destination_port, seq, ack, flags, payload=b'', options=b'',
                window=65535, urgent=0, words=None, spoil=0):
    """words: the header's length in words of 32 bits where it is to be a lie; spoil: added to the right checksum."""
    options += b'\1' * (-len(options) % 4)
    words = 5 + len(options) // 4 if words is None else words
    head = struct.pack('!HHIIBBHHH', source_port, destination_port, seq & 0xffffffff, ack & 0xffffffff, words << 4, flags,
                       window, 0, urgent) + options
    segment = head + payload
    total = _pseudo_checksum(source, destination, 6, segment) + spoil & 0xffff
    return segment[:16] + struct.pack('!H', total) + segment[18:]


def udp_datagram(source, destination, source_port, destination_port, payload):
    datagram = struct.pack('!HHHH', source_port, destination_port, 8 + len(payload), 0) + payload
    total = _pseudo_checksum(source, destination, 17, datagram) or 0xffff
    return datagram[:6] + struct.pack('!H', total) + datagram[8:]


def dns_query(name, identification=1, kind=1):
    labels = b''.join(bytes([len(label)]) + label.encode() for label in name.split('.'))
    return struct.pack('!HHHHHH', identification, 0x0100, 1, 0, 0, 0) + labels + b'\0' + struct.pack('!HH', kind, 1)


class Wire:
    """A packet socket on one interface. Frames come out of receive() as they were on the wire, tags included."""

    def __init__(self, namespace, interface):
        with namespace.entered():
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETH_P_ALL))
            index = socket.if_nametoindex(interface)
            self.address = self._hardware_address(interface)
        self.socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, 64 << 20)
        self.socket.setsockopt(socket.SOL_SOCKET, _SO_SNDBUFFORCE, 16 << 20)
        self.socket.setsockopt(_SOL_PACKET, _PACKET_ADD_MEMBERSHIP,
                               struct.pack('iHH8s', index, _PACKET_MR_PROMISC, 0, b''))
        self.socket.setsockopt(_SOL_PACKET, _PACKET_AUXDATA, 1)
        self.socket.setsockopt(_SOL_PACKET, _PACKET_QDISC_BYPASS, 1)
        self.socket.bind((interface, _ETH_P_ALL))
        self.drain()

    @staticmethod
    def _hardware_address(interface):
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as probe:
            probe.bind((interface, 0))
            return probe.getsockname()[4]

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.socket.close()

    def send(self, frame):
        self.socket.send(frame)

    def receive(self, timeout_s):
        """The next frame that came in, or None after timeout_s."""
        deadline = time.monotonic() + timeout_s
        while True:
            readable, _, _ = select.select([self.socket], [], [], max(0.0, deadline - time.monotonic()))
            if not readable:
                return None
            frame, ancillary, _, sender = self.socket.recvmsg(65536, 256)
            if sender[2] != _PACKET_OUTGOING:
                return _put_tag_back(frame, ancillary)

    def receive_all(self, quiet_s):
        """Every frame until none comes for quiet_s."""
        frames = []
        while (frame := self.receive(quiet_s)) is not None:
            frames.append(frame)
        return frames

    def drain(self):
        with contextlib.suppress(BlockingIOError):
            while True:
                self.socket.recv(65536, socket.MSG_DONTWAIT)


def _put_tag_back(frame, ancillary):
    """The kernel takes the outer tag off and hands it over beside the frame (struct tpacket_auxdata)."""
    for level, kind, data in ancillary:
        if level == _SOL_PACKET and kind == _PACKET_AUXDATA:
            status, _, _, _, _, tci, tpid = struct.unpack('IIIHHHH', data[:20])
            if status & _TP_STATUS_VLAN_VALID:
                tpid = tpid if status & _TP_STATUS_VLAN_TPID_VALID else 0x8100
                return frame[:12] + struct.pack('!HH', tpid, tci) + frame[12:]
    return frame
