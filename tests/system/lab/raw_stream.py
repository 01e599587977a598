# SPDX-License-Identifier: Apache-2.0
"""A scripted TCP client: each segment leaves as a trick says, and what the server still lacks is sent again, as TCP would."""

import os
import struct
import time

from .frames import ACK, FIN, PSH, RST, SYN, ethernet, ip_kind, ip_packet, tcp_segment
from .raw_tcp import RAW_HARDWARE, RawConnection

_TCP_AT = {0x0800: 34, 0x86dd: 54}


def mss_option(mss):
    return struct.pack('!BBH', 2, 4, mss)


class RawStream(RawConnection):
    """One connection whose segments a trick sends.

    shape       (stream, protocol, segment) → IP packets; None: one plain packet. Decoys keep to plain packets
    timestamps  offered in the SYN and put on every segment (RFC 7323)
    back        the wire that the server's answers come by; default: the one that requests leave by
    """

    def __init__(self, wire, server_hardware, server_address, server_port, shape=None, timestamps=False, source=None,
                 back=None, mss=1400):
        super().__init__(wire, server_hardware, server_address, server_port, source=source, mss=mss)
        self.shape = shape
        self.timestamps = timestamps
        self.back = back or wire
        self.window = 65535
        self.written = b''
        self.ended = False
        self.patience_s = 1.0
        self.clock = int.from_bytes(os.urandom(3), 'big') + 1_000_000
        self.echo = 0
        self.identification = int.from_bytes(os.urandom(2), 'big')

    @property
    def over(self):
        """The server will say no more."""
        return self.reset_seen or self.ended

    def timestamp_option(self, value=None):
        return b'\1\1' + struct.pack('!BBII', 8, 10, (self.clock if value is None else value) & 0xffffffff, self.echo)

    def tcp(self, seq, flags, payload=b'', options=None, ack=None, **header):
        if options is None:
            options = self.timestamp_option() if self.timestamps else b''
        header.setdefault('window', self.window)
        acknowledgement = ack if ack is not None else (self.server_next or 0)
        return tcp_segment(self.source, self.server_address, self.port, self.server_port, self.first_seq + 1 + seq,
                           acknowledgement, flags, payload, options, **header)

    def packet(self, tcp, ttl=64):
        self.identification = (self.identification + 1) & 0xffff
        return ip_packet(self.source, self.server_address, 6, tcp, ttl, self.identification)

    def send_packet(self, packet):
        self.wire.send(ethernet(RAW_HARDWARE, self.server_hardware, ip_kind(self.server_address), packet))

    def segment(self, seq, flags, payload=b'', options=None, ack=None, ttl=64, **header):
        packet = self.packet(self.tcp(seq, flags, payload, options, ack, **header), ttl)
        return ethernet(RAW_HARDWARE, self.server_hardware, ip_kind(self.server_address), packet)

    def emit(self, seq, payload, flags=ACK | PSH, ttl=64, **how):
        """One segment as it is said; only an honest one takes the shape."""
        tcp = self.tcp(seq, flags, payload, **how)
        if self.shape is None or how or ttl != 64:
            self.send_packet(self.packet(tcp, ttl))
        else:
            for packet in self.shape(self, 6, tcp):
                self.send_packet(packet)

    def open(self, timeout_s=3, options=None, payload=b'', flags=SYN):
        """The handshake; options and payload of the SYN may be given. Returns whether it came about."""
        if options is None:
            options = mss_option(self.mss)
            if self.timestamps:
                options += b'\1\1' + struct.pack('!BBII', 8, 10, self.clock, 0)
        deadline = time.monotonic() + timeout_s
        while self.server_next is None and time.monotonic() < deadline:
            self.wire.send(self.segment(-1, flags, payload, options, ack=0))
            self.hear(0.3, lambda: self.server_next is not None)
        if self.server_next is None:
            return False
        self.acknowledge()
        return True

    def acknowledge(self):
        self.wire.send(self.segment(self.acked, ACK))

    def hear(self, timeout_s, enough):
        """Takes in frames until enough() or the time is over."""
        deadline = time.monotonic() + timeout_s
        while not enough() and (left := deadline - time.monotonic()) > 0:
            frame = self.back.receive(left)
            if frame is not None:
                self.take(frame)

    def take(self, frame):
        offset = _TCP_AT.get(struct.unpack('!H', frame[12:14])[0])
        if offset is None or frame[offset + 2:offset + 4] != self.port.to_bytes(2, 'big'):
            return
        seq = int.from_bytes(frame[offset + 4:offset + 8], 'big')
        if frame[offset + 13] & RST and seq != self.server_next:
            return  # an answer to a decoy; no client would believe it
        head = frame[offset + 20:offset + (frame[offset + 12] >> 4) * 4]
        if self.timestamps and head[:4] == b'\1\1\x08\x0a':
            self.echo = struct.unpack('!I', head[4:8])[0]
        before = self.server_next
        super().take(frame)
        if frame[offset + 13] & FIN and before not in (None, self.server_next):
            self.ended = True

    def write(self, data):
        """Further bytes in order, as a plain client would send them."""
        start = len(self.written)
        self.written += data
        self._send_from(start)

    def _send_from(self, start):
        for at in range(start, len(self.written), self.mss):
            self.emit(at, self.written[at:at + self.mss])

    def until(self, enough, timeout_s):
        """Listens and sends again what is not acknowledged, until enough(), the end or the time. Returns enough()."""
        deadline = time.monotonic() + timeout_s
        pause_s = 0.05
        while not enough() and not self.over and (left := deadline - time.monotonic()) > 0:
            acked = self.acked
            self.hear(min(pause_s, left), lambda: enough() or self.over)
            if not enough() and not self.over and self.acked < len(self.written):
                pause_s = 0.05 if self.acked > acked else min(pause_s * 2, 0.4)
                self.clock += 50
                self._send_from(self.acked)
        return enough()

    def abort(self):
        self.wire.send(self.segment(max(self.acked, len(self.written)), RST | ACK))
        self.wire.send(self.segment(self.acked, RST | ACK))
