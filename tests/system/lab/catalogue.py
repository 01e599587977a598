# SPDX-License-Identifier: Apache-2.0
"""How a case of the catalogue is asked and judged: once for a listed and once for a spared name, by the servers' own logs."""

import concurrent.futures
import dataclasses
import itertools
import threading

from .ends import HTTP, LISTED, SPARED
from .frames import Wire
from .processes import LabError, wait_until
from .raw_stream import RawStream
from .scene import SERVER_ADDRESSES

SERVED, STOPPED = 'served', 'stopped'
_AT_ONCE, _SLOW_AT_ONCE = 10, 16
_tokens = itertools.count(1)


class Name:
    """What one request asks for: a host that nothing else asks for, so that a log line of it is this request's alone."""

    def __init__(self, listed):
        self.listed = listed
        self.token = f'k{next(_tokens):05x}'
        self.host = f'{self.token}.{LISTED if listed else SPARED}'
        self.benign = f'{self.token}.benign.example.test'  # as long, for decoys
        self.wanted = self.host if listed else self.token  # what the server's log has to show


@dataclasses.dataclass
class Seen:
    """What the client saw. answered: the server's answer to the request; over: a reset or an end, so that none will come."""

    answered: bool
    over: bool = False
    note: str = ''


@dataclasses.dataclass(frozen=True)
class Case:
    """One trick with one kind of request.

    row     of the catalogue
    ask     (bench, name) → Seen
    rule    why the edge drops the trick whatever its name, with the standard that says so; '' where it does not
    slow    it waits on purpose, so it runs beside others
    blocks  False: the listed name stands where nobody asks for it, so that both have to be served
    """

    row: str
    title: str
    ask: object
    rule: str = ''
    slow: bool = False
    blocks: bool = True

    def __str__(self):
        return f'{self.row} {self.title}'

    def as_wanted(self, listed, spared):
        """Whether the edge did right by what became of the two names."""
        if self.rule:
            return (listed, spared) == (STOPPED, STOPPED)
        return (listed, spared) == (STOPPED if self.blocks else SERVED, SERVED)


class Bench:
    """Where cases are asked: the scene's client in front of whatever forwards now, and the ends behind it."""

    def __init__(self, scene, ends):
        self.scene = scene
        self.ends = ends
        self.patience_s = 2.5  # a client's, until it gives up on an unlisted name
        with Wire(scene.server, 's0') as wire:
            self.server_hardware = wire.address
        self._lock = threading.Lock()

    def wire(self, interface='c0'):
        return Wire(self.scene.client, interface)

    def stream(self, wire, port, ipv6=False, sources=None, **options):
        """sources: (IPv4, IPv6) of the client, where they are others than the raw client's."""
        if sources is not None:
            options['source'] = sources[ipv6]
        return RawStream(wire, self.server_hardware, SERVER_ADDRESSES[ipv6], port, **options)

    def served(self, host):
        with self._lock:
            return self.ends.served(host)

    def run(self, *argv, timeout_s=60):
        """A client program on the subscriber's machine; it has a shorter limit of its own."""
        return self.scene.client.run(argv, check=False, timeout_s=timeout_s)

    def marker(self):
        """A plain request behind everything that was sent so far, answered by the server."""
        name = Name(listed=False)
        with self.wire() as wire:
            stream = self.stream(wire, HTTP)
            if not stream.open():
                raise LabError('the marker request found no server')
            stream.write(f'GET / HTTP/1.1\r\nHost: {name.host}\r\n\r\n'.encode())
            answered = stream.until(lambda: name.token.encode() in stream.received, 5)
            stream.abort()
        if not answered:
            raise LabError('the marker request was not answered')
        wait_until(lambda: self.served(name.host), 5, 'the marker in the log')

    def ask(self, case, listed):
        """What became of one request: SERVED, STOPPED, or a sentence on what does not fit."""
        name = Name(listed)
        seen = case.ask(self, name)
        if seen.answered:
            try:
                wait_until(lambda: self.served(name.wanted), 2, 'the log')
            except LabError:
                return f'the client saw an answer that no log knows {seen.note}'
            return SERVED
        if not seen.over:
            self.marker()
        if self.served(name.wanted):
            return f'the server served it, the client saw no answer {seen.note}'
        return STOPPED

    def ask_both(self, case):
        """(what became of the listed name, of the spared one). The spared one first: if no end takes the trick, that is all."""
        try:
            spared = self.ask(case, False)
            listed = self.ask(case, True) if spared != STOPPED else STOPPED
        except LabError as error:
            return str(error), str(error)
        return listed, spared

    def ask_all(self, cases, at_once=None):
        """{case: ask_both(case)}; several at once, because most of the time is waiting."""
        with (concurrent.futures.ThreadPoolExecutor(at_once or _SLOW_AT_ONCE) as slow,
              concurrent.futures.ThreadPoolExecutor(at_once or _AT_ONCE) as quick):
            running = {case: (slow if case.slow else quick).submit(self.ask_both, case) for case in cases}
            return {case: future.result() for case, future in running.items()}
