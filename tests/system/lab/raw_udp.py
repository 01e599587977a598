# SPDX-License-Identifier: Apache-2.0
"""A UDP client without a kernel, on the same addresses as the raw TCP client."""

import os
import struct
import time

from .frames import ethernet, ip_kind, ip_packet, udp_datagram
from .raw_tcp import RAW_ADDRESSES, RAW_HARDWARE

_PORTS = iter(range(20000 + os.getpid() % 10000, 60000))


class RawDatagrams:
    """One source port towards one port of the server. shape: as in RawStream."""

    def __init__(self, wire, server_hardware, server_address, server_port, shape=None):
        self.wire = wire
        self.server_hardware = server_hardware
        self.source = RAW_ADDRESSES[1 if ':' in server_address else 0]
        self.server_address = server_address
        self.server_port = server_port
        self.port = next(_PORTS)
        self.shape = shape
        self.identification = int.from_bytes(os.urandom(2), 'big')

    def datagram(self, payload):
        return udp_datagram(self.source, self.server_address, self.port, self.server_port, payload)

    def packet(self, datagram, ttl=64):
        self.identification = (self.identification + 1) & 0xffff
        return ip_packet(self.source, self.server_address, 17, datagram, ttl, self.identification)

    def send_packet(self, packet):
        self.wire.send(ethernet(RAW_HARDWARE, self.server_hardware, ip_kind(self.server_address), packet))

    def send(self, payload):
        datagram = self.datagram(payload)
        for packet in [self.packet(datagram)] if self.shape is None else self.shape(self, 17, datagram):
            self.send_packet(packet)

    def receive(self, timeout_s):
        """The payload of the next datagram to this port, or None after timeout_s."""
        deadline = time.monotonic() + timeout_s
        at = 54 if ':' in self.server_address else 34
        while (left := deadline - time.monotonic()) > 0:
            frame = self.wire.receive(left)
            if (frame is not None and frame[12:14] == struct.pack('!H', ip_kind(self.server_address)) and
                    frame[20 if at == 54 else 23] == 17 and frame[at + 2:at + 4] == self.port.to_bytes(2, 'big')):
                return frame[at + 8:at + int.from_bytes(frame[at + 4:at + 6], 'big')]
        return None
