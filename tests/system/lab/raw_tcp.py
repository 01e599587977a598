# SPDX-License-Identifier: Apache-2.0
"""A TCP client without a kernel: every segment is sent as the test says, in any order, as often as it says."""

import itertools
import os
import struct
import time

from .frames import ACK, FIN, PSH, RST, SYN, ethernet, ip_kind, ip_packet, tcp_segment

# Addresses of machines that exist only as frames; the server's kernel is told their hardware address.
RAW_ADDRESSES = ('192.0.2.11', '2001:db8::11')
RAW_HARDWARE = bytes.fromhex('02000000000b')


def introduce(scene, addresses=RAW_ADDRESSES, hardware=RAW_HARDWARE, interface='s0'):
    """Tells the server how to reach the raw client, so that nobody has to answer ARP for it."""
    text = ':'.join(f'{byte:02x}' for byte in hardware)
    for address in addresses:
        scene.server.run(['ip', 'neigh', 'replace', address, 'lladdr', text, 'dev', interface, 'nud', 'permanent'])


class RawConnection:
    """One connection to the server, from the handshake on. Sequence numbers given to send() count from the first byte.

    wire      on the client's interface
    hardware  the server's address
    """

    _ports = itertools.cycle(range(20000, 60000))

    def __init__(self, wire, server_hardware, server_address, server_port=80, source=None, mss=1460):
        self.wire = wire
        self.server_hardware = server_hardware
        self.source = source or RAW_ADDRESSES[1 if ':' in server_address else 0]
        self.server_address = server_address
        self.server_port = server_port
        self.port = next(RawConnection._ports)
        self.first_seq = int.from_bytes(os.urandom(4), 'big')
        self.received = b''
        self.reset_seen = False
        self.acked = 0
        self.server_next = None
        self.mss = mss

    def segment(self, seq, flags, payload=b'', options=b'', ack=None, ttl=64, **header):
        """One frame; seq counts from the stream's first byte. header: further words of tcp_segment."""
        acknowledgement = ack if ack is not None else (self.server_next or 0)
        tcp = tcp_segment(self.source, self.server_address, self.port, self.server_port,
                          self.first_seq + 1 + seq, acknowledgement, flags, payload, options, **header)
        return ethernet(RAW_HARDWARE, self.server_hardware, ip_kind(self.server_address),
                        ip_packet(self.source, self.server_address, 6, tcp, ttl))

    def open(self, timeout_s=2):
        """The handshake. Returns whether it came about."""
        self.wire.send(self.segment(-1, SYN, options=struct.pack('!BBH', 2, 4, self.mss), ack=0))
        deadline = time.monotonic() + timeout_s
        while self.server_next is None and time.monotonic() < deadline:
            self.listen(0.05)
        if self.server_next is None:
            return False
        self.wire.send(self.segment(0, ACK))
        return True

    def send(self, seq, payload):
        self.wire.send(self.segment(seq, ACK | PSH, payload))

    def listen(self, quiet_s):
        """Takes in what the server sends until it is silent for quiet_s, acknowledging it."""
        while (frame := self.wire.receive(quiet_s)) is not None:
            self.take(frame)

    def take(self, frame):
        kind = struct.unpack('!H', frame[12:14])[0]
        if kind == 0x0800 and frame[23] == 6:
            offset = 14 + (frame[14] & 15) * 4
            end = 14 + struct.unpack('!H', frame[16:18])[0]
        elif kind == 0x86dd and frame[20] == 6:
            offset = 54
            end = 54 + struct.unpack('!H', frame[18:20])[0]
        else:
            return
        source_port, port, seq, ack = struct.unpack('!HHII', frame[offset:offset + 12])
        if port != self.port or source_port != self.server_port:
            return
        flags = frame[offset + 13]
        payload = frame[offset + (frame[offset + 12] >> 4) * 4:end]
        if flags & RST:
            self.reset_seen = True
            return
        if flags & SYN:
            if self.server_next is None:
                self.server_next = (seq + 1) & 0xffffffff
            return
        self.acked = max(self.acked, (ack - self.first_seq - 1) & 0xffffffff)
        if seq == self.server_next and (payload or flags & FIN):
            self.received += payload
            self.server_next = (seq + len(payload) + (1 if flags & FIN else 0)) & 0xffffffff
            self.wire.send(self.segment(self.acked, ACK))

    def abort(self):
        """So that the server forgets the connection."""
        self.wire.send(self.segment(self.acked, RST | ACK))
