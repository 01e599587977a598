# SPDX-License-Identifier: Apache-2.0
"""Generated load: numbered frames at a steady rate from one end, counted at the other, each in a process of its own."""

import multiprocessing
import struct
import time

from .frames import Wire, dns_query, ethernet, ip_packet, udp_datagram

# A destination that no machine has, so that no kernel answers; the packet sockets see it all the same.
NOBODY_HARDWARE = bytes.fromhex('020000000099')
_SOURCE_HARDWARE = bytes.fromhex('02000000000c')
_SOURCE, _DESTINATION = '192.0.2.12', '192.0.2.99'
_PAYLOAD_AT = 14 + 20 + 8
_FIRST_PORT, _PORTS = 1024, 4096  # many streams, so that every worker gets its share


def _datagram(number, port, payload):
    return ethernet(_SOURCE_HARDWARE, NOBODY_HARDWARE, 0x0800, ip_packet(
        _SOURCE, _DESTINATION, 17, udp_datagram(_SOURCE, _DESTINATION, _FIRST_PORT + number % _PORTS, port, payload)))


def numbered_query(number, name):
    """A DNS query; its number stands in source port and message id."""
    return _datagram(number, 53, dns_query(name, number // _PORTS))


def numbered_bulk(number, size):
    """A datagram that asks for nothing."""
    return _datagram(number, 9, struct.pack('!HH', number // _PORTS, 0xffff) + bytes(size))


def number_of(frame):
    """The number of a generated frame, or None for any other."""
    if frame[:6] != NOBODY_HARDWARE or len(frame) < _PAYLOAD_AT + 2:
        return None
    port, round_number = struct.unpack('!H', frame[34:36])[0], struct.unpack('!H', frame[42:44])[0]
    return round_number * _PORTS + port - _FIRST_PORT


class Load:
    """Sends make_frame(number) at `rate` frames a second until stop(). Use in a `with`.

    After stop(): sent_ns[number] is CLOCK_REALTIME just before the sending, arrived[number] when it was taken in at the
    far end; numbers that never came are not in it.
    """

    def __init__(self, scene, make_frame, rate, first=0):
        self.sent_ns = []
        self.arrived = {}
        self.first = first
        self._rate = rate
        self._make_frame = make_frame
        self._wires = (Wire(scene.client, 'c0'), Wire(scene.server, 's0'))
        context = multiprocessing.get_context('fork')
        self._stop_sending, self._stop_counting = context.Event(), context.Event()
        self._results = (context.SimpleQueue(), context.SimpleQueue())
        self._sender = context.Process(target=self._send, daemon=True)
        self._counter = context.Process(target=self._count, daemon=True)

    def __enter__(self):
        self._counter.start()
        self._sender.start()
        return self

    def _send(self):
        times = []
        wire = self._wires[0]
        began = time.monotonic()
        while not self._stop_sending.is_set():
            due = int((time.monotonic() - began) * self._rate)
            while len(times) < due:
                times.append(time.time_ns())
                wire.send(self._make_frame(self.first + len(times) - 1))
            time.sleep(0.001)
        self._results[0].put(struct.pack(f'{len(times)}q', *times))

    def _count(self):
        arrived = []
        while True:
            frame = self._wires[1].receive(0.2)
            if frame is not None:
                number = number_of(frame)
                if number is not None:
                    arrived += (number, time.time_ns())
            elif self._stop_counting.is_set():
                break
        self._results[1].put(struct.pack(f'{len(arrived)}q', *arrived))

    def stop(self):
        self._stop_sending.set()
        data = self._results[0].get()
        self.sent_ns = struct.unpack(f'{len(data) // 8}q', data)
        self._stop_counting.set()
        data = self._results[1].get()
        values = struct.unpack(f'{len(data) // 8}q', data)
        self.arrived = dict(zip(values[::2], values[1::2]))

    def __exit__(self, *_exception):
        for process in (self._sender, self._counter):
            if process.is_alive():
                process.kill()
            process.join()
        for wire in self._wires:
            wire.__exit__()
