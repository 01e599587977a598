# SPDX-License-Identifier: Apache-2.0
"""Tunnel ends for kernels that have no such device: a TAP for each carrier, and a process that wraps its packets.

    client: curl ── TAP ── wrap ── c0 ──▶ edge ──▶ s0 ── unwrap ── TAP ── nginx: server
"""

import contextlib
import fcntl
import multiprocessing
import os
import select
import struct

from .carriers import CARRIERS, Way
from .frames import Wire, address_bytes, ethernet, ip_kind

_TUNSETIFF = 0x400454ca
_TAP_WITHOUT_HEAD = 0x1002
_MTU = 1340


def inner_addresses(index, client):
    """(IPv4, IPv6) of one end of the carrier's TAP."""
    number = index + (101 if client else 1)
    return f'198.51.100.{number}', f'2001:db8:1::{number}'


class _Side:
    """The TAPs of one namespace and what leaves by them."""

    def __init__(self, namespace, interface, client):
        self._client = client
        self._way = Way(client)
        self._taps = {}
        self._by_address = {}
        self._first = {}  # of the fragments that wait for their other half
        self._wire = Wire(namespace, interface)
        commands = []
        with namespace.entered():
            for index in range(len(CARRIERS)):
                self._taps[self._open(index)] = index
                commands += self._configure(index)
        namespace.run(['ip', '-batch', '/dev/stdin'], text_in='\n'.join(commands))

    def _open(self, index):
        tap = os.open('/dev/net/tun', os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        fcntl.ioctl(tap, _TUNSETIFF, struct.pack('16sH22s', f'cr{index}'.encode(), _TAP_WITHOUT_HEAD, b''))
        return tap

    @staticmethod
    def _hardware(index, client):
        return bytes([2, 0, 0, 0, 1 if client else 2, index])

    def _configure(self, index):
        ours, theirs = inner_addresses(index, self._client), inner_addresses(index, not self._client)
        device = f'cr{index}'
        text = [':'.join(f'{byte:02x}' for byte in self._hardware(index, client))
                for client in (self._client, not self._client)]
        yield f'link set {device} address {text[0]} mtu {_MTU} arp off up'
        for own, other, size in zip(ours, theirs, (32, 128)):
            yield f'address add {own}/{size} dev {device}{" nodad" if size == 128 else ""}'
            yield f'route add {other}/{size} dev {device} src {own}'
            yield f'neighbour replace {other} lladdr {text[1]} dev {device} nud permanent'
            self._by_address[address_bytes(other) + address_bytes(own)] = index

    def carry(self):
        """Until it is killed."""
        taps = {index: tap for tap, index in self._taps.items()}
        carriers = list(CARRIERS.values())
        while True:
            for ready in select.select([self._wire.socket, *self._taps], [], [])[0]:
                if ready is self._wire.socket:
                    while (frame := self._wire.receive(0)) is not None:
                        self._unwrap(frame, taps)
                else:
                    with contextlib.suppress(BlockingIOError):
                        while frame := os.read(ready, 65536):
                            self._wrap(frame, carriers[self._taps[ready]])

    def _wrap(self, frame, carrier):
        kind = frame[12:14]
        if kind in (b'\x08\0', b'\x86\xdd'):
            for each in carrier(self._way, frame[14:]):
                self._wire.send(each)

    def _unwrap(self, frame, taps):
        """The inner packet is found by its addresses; the other fragment of a carrier is put behind or before."""
        if frame[:6] != self._way.here[2]:
            return
        frame = self._whole(frame)
        if frame is None:
            return
        for addresses, index in self._by_address.items():
            at = frame.find(addresses)
            if at >= 0:
                start = at - (12 if len(addresses) == 8 else 8)
                packet = frame[start:]
                kind = ip_kind(':' if len(addresses) == 32 else '')
                hardware = [self._hardware(index, client) for client in (not self._client, self._client)]
                os.write(taps[index], ethernet(*hardware, kind, packet))
                return

    def _whole(self, frame):
        """The frame, or where it is a fragment of the outer IPv4 packet, both put together (None while one is missing)."""
        if frame[12:14] != b'\x08\0' or not int.from_bytes(frame[20:22], 'big') & 0x3fff:
            return frame
        number, offset = frame[18:20], int.from_bytes(frame[20:22], 'big') & 0x1fff
        payload = frame[34:14 + int.from_bytes(frame[16:18], 'big')]
        other = self._first.pop(number, None)
        if other is None:
            self._first[number] = (offset, payload)
            return None
        parts = sorted([other, (offset, payload)])
        return frame[:34] + parts[0][1] + parts[1][1]

    def close(self):
        for tap in self._taps:
            os.close(tap)
        self._wire.__exit__()


class Tunnel:
    """Both ends of all carriers, up until stop()."""

    def __init__(self, scene):
        self._sides = [_Side(scene.client, 'c0', True), _Side(scene.server, 's0', False)]
        context = multiprocessing.get_context('fork')
        self._processes = [context.Process(target=side.carry, daemon=True) for side in self._sides]
        for process in self._processes:
            process.start()

    def stop(self):
        for process in self._processes:
            process.kill()
            process.join()
        for side in self._sides:
            side.close()
