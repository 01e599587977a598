# SPDX-License-Identifier: Apache-2.0
"""Requests cut at every byte, in reverse order, with duplicates and on a path with a small MSS, against real servers."""

import time

from lab.case import LONG, SceneCase, figure, on_each_kind_of_port
from lab.frames import Wire
from lab.hello import client_hello, http_request, over_records
from lab.raw_tcp import RawConnection, introduce
from lab.scene import SERVER_ADDRESSES


def answer_to(client, port, pieces, timeout_s=2):
    """Sends each piece as its own segment. Returns the first bytes of the answer; b'' where none came."""
    with client.connect(port, timeout_s=timeout_s) as connection:
        try:
            for piece in pieces:
                connection.sendall(piece)
            return connection.recv(4096)
        except OSError:
            return b''


def deliver(connection, segments, timeout_s=3):
    """Sends (seq, bytes) in the given order, then what the server has not acknowledged, as TCP would, until an answer."""
    end = max(seq + len(payload) for seq, payload in segments)
    for seq, payload in segments:
        connection.send(seq, payload)
    deadline = time.monotonic() + timeout_s
    quiet_s = 0.005
    while time.monotonic() < deadline and not connection.received and not connection.reset_seen:
        connection.listen(quiet_s)
        quiet_s = min(quiet_s * 2, 0.2)
        if connection.acked < end and not connection.received and not connection.reset_seen:
            for seq, payload in sorted(segments):
                if seq + len(payload) > connection.acked:
                    connection.send(seq, payload)
    return connection.received


@on_each_kind_of_port
class Cuts(SceneCase):
    workers = 2  # both directions of a stream must still meet

    def each_cut(self, message, step=1):
        return [(message[:at], message[at:]) for at in range(1, len(message), step)]

    def assert_each(self, what, port, messages, served):
        wrong = [index for index, pieces in enumerate(messages)
                 if bool(answer_to(self.scene.subscriber, port, pieces)) != served]
        figure(f'{what}: {len(messages) - len(wrong)} of {len(messages)} {"served" if served else "stopped"}')
        self.assertEqual(wrong, [], what)

    def test_a_client_hello_cut_at_every_byte_is_stopped_where_its_name_is_listed(self):
        mark = self.scene.web.mark()
        listed, unlisted = client_hello('listed.example.test'), client_hello('open.example.test')
        self.assert_each('listed hello, two segments', 443, self.each_cut(listed), served=False)
        self.assert_each('unlisted hello, two segments', 443, self.each_cut(unlisted, 1 if LONG else 4), served=True)
        self.assertEqual(self.scene.web.served(mark), [])

    def test_a_client_hello_in_single_bytes_and_over_many_records_is_stopped_where_its_name_is_listed(self):
        for name, served in (('listed.example.test', False), ('open.example.test', True)):
            hello = client_hello(name)
            ways = [[hello[at:at + 1] for at in range(len(hello))]]
            ways += [[over_records(hello, [size])] for size in (1, 2, 7, 16, 60, 200)]
            ways += [self.each_cut(over_records(hello, [64]))[at] for at in range(0, len(hello), 5)]
            self.assert_each(f'{name} in bytes and records', 443, ways, served)

    def test_an_http_request_cut_at_every_byte_is_stopped_where_it_is_listed(self):
        mark = self.scene.web.mark()
        for host, target in (('listed.example.test', '/'), ('pages.example.test', '/stop/this.html')):
            request = http_request(host, target)
            self.assert_each(f'listed {host}{target}', 80, self.each_cut(request), served=False)
            self.assert_each(f'listed {host}{target} in bytes', 80, [[bytes([byte]) for byte in request]], served=False)
        self.assertEqual(self.scene.web.served(mark), [])
        self.assert_each('unlisted', 80, self.each_cut(http_request('pages.example.test', '/stop/other.html')),
                         served=True)

    def reordered(self, message, size):
        """Ways to send a message in segments of `size` bytes: reverse, doubled, and reverse and doubled."""
        parts = [(at, message[at:at + size]) for at in range(0, len(message), size)]
        doubled = [part for part in parts for _ in range(2)]
        return [parts[::-1], doubled, doubled[::-1], parts + parts]

    def assert_raw(self, what, port, ways, served):
        hardware = self.server_hardware()
        wrong = []
        with Wire(self.scene.client, 'c0') as wire:
            for index, segments in enumerate(ways):
                connection = RawConnection(wire, hardware, SERVER_ADDRESSES[0], port)
                self.assertTrue(connection.open(), 'no handshake')
                answered = bool(deliver(connection, segments, 4 if served else 1))
                connection.abort()
                if answered != served:
                    wrong.append(index)
        figure(f'{what}: {len(ways) - len(wrong)} of {len(ways)} {"served" if served else "stopped"}')
        self.assertEqual(wrong, [], what)

    def server_hardware(self):
        with Wire(self.scene.server, 's0') as wire:
            return wire.address

    def test_a_request_in_reverse_order_and_with_duplicates_is_stopped_where_it_is_listed(self):
        introduce(self.scene)
        mark = self.scene.web.mark()
        sizes = (1, 3, 10, 40, 100) if not LONG else range(1, 120)
        for port, listed, unlisted in (
                (80, http_request('listed.example.test'), http_request('open.example.test')),
                (443, client_hello('listed.example.test'), client_hello('open.example.test'))):
            sizes_here = sizes if port == 80 else [size * 4 for size in sizes]
            self.assert_raw(f'port {port} listed', port,
                            [way for size in sizes_here for way in self.reordered(listed, size)], served=False)
            self.assert_raw(f'port {port} listed, two segments in reverse, each cut', port,
                            [[(len(first), second), (0, first)] for first, second in self.each_cut(listed, 1 if LONG else 7)],
                            served=False)
            at_server = [each for each in self.scene.web.served(mark) if each[1] == 'listed.example.test']
            self.assertEqual(at_server, [])
            self.assert_raw(f'port {port} unlisted', port,
                            [way for size in sizes_here[1:] for way in self.reordered(unlisted, size)], served=True)


@on_each_kind_of_port
class SmallSegments(SceneCase):
    """The client's link carries 340 bytes, so that the path's MSS is 300."""

    def test_on_a_path_with_mss_300_a_listed_hello_and_request_are_stopped(self):
        self.scene.client.run(['ip', 'link', 'set', 'c0', 'mtu', '340'])
        for url, served in (('https://listed.example.test/', False), ('https://open.example.test/', True),
                            ('https://www.domain.example.test/', False),
                            ('http://listed.example.test/' + 'x' * 900, False),
                            ('http://open.example.test/' + 'x' * 900, True)):
            fetched = self.scene.subscriber.get_one(url)
            self.assertEqual(fetched.served, served, f'{url[:40]}: {fetched.describe()}')
            figure(f'MSS 300: {url[:40]} {fetched.describe()}')
