# SPDX-License-Identifier: Apache-2.0
"""Real clients and servers: listed requests stopped, all others served; first of all, the ends are proven."""

import time
import unittest

from lab.case import SceneCase, figure, on_each_kind_of_port
from lab.counters import self_check
from lab.frames import Wire
from lab.processes import wait_until
from lab.requests import SERVED, STOPPED, ask_on_one_connection, ask_standard
from lab.scene import Scene
from lab.traffic import numbered_bulk

_FRAMES_OF_THE_MACHINES = 64  # neighbour discovery and the like, at most


class TheEndsAreProven(unittest.TestCase):
    def test_every_standard_request_is_served_through_a_plain_forwarder(self):
        with Scene() as scene:
            scene.plain_wire()
            scene.wait_forwarding()
            rows = ask_standard(scene, filtered=False)
            wrong = [f'{row.request}: {row.seen}' for row in rows if not row.ok]
            self.assertEqual(wrong, [])
            figure(f'{len(rows)} of {len(rows)} requests served through a bare forwarder in the edge\'s place')

    def test_the_counter_layout_is_read_as_the_header_says(self):
        self_check()


@on_each_kind_of_port
class Requests(SceneCase):
    def test_a_standard_request_is_stopped_where_it_is_listed_and_served_where_it_is_not(self):
        before = self.edge.counters()
        rows = ask_standard(self.scene)
        self.assert_rows(rows)
        after = self.edge.counters()
        stopped = sum(row.expected in (STOPPED, 'no answer') for row in rows)
        blocked = sum(after.requests(protocol, 'block') - before.requests(protocol, 'block')
                      for protocol in ('http', 'tls', 'dns'))
        figure(f'{len(rows)} requests, {stopped} of them stopped; the edge counts {blocked} blocked')
        self.assertGreaterEqual(blocked, stopped)
        self.assertEqual(after.total('checksums_bad'), 0)

    def test_on_one_connection_the_unlisted_request_is_served_and_the_listed_one_behind_it_is_not(self):
        rows = ask_on_one_connection(self.scene, [
            ('open.example.test', '/', SERVED), ('notlisted.example.test', '/', SERVED),
            ('listed.example.test', '/', STOPPED)])
        self.assert_rows(rows)

    def test_two_requests_in_one_segment_are_cut_between_them(self):
        mark = self.scene.web.mark()
        with self.scene.subscriber.connect(timeout_s=1) as connection:
            connection.sendall(b'GET /before HTTP/1.1\r\nHost: open.example.test\r\n\r\n'
                               b'GET /behind HTTP/1.1\r\nHost: listed.example.test\r\n\r\n')
            received = b''
            try:
                while more := connection.recv(4096):
                    received += more
            except OSError:
                pass
        self.assertEqual([each[1] for each in self.scene.web.served(mark)], ['open.example.test'])
        self.assertNotIn(b'/behind', received)

    def test_every_frame_that_came_in_left_with_one_named_reason(self):
        ask_standard(self.scene)

        def balance():
            """The counters, or None while a frame is between two of them."""
            reading = self.edge.counters()
            reasons = reading.reasons()
            forwarded = sum(value for name, value in reasons.items() if name.startswith('pass_'))
            injected = reading.total('injected_frames')
            balanced = (sum(reasons.values()) == reading.rx_frames() and forwarded + injected == reading.tx_frames())
            return (reading, reasons, forwarded, injected) if balanced else None

        reading, reasons, forwarded, injected = wait_until(balance, 5, 'the counters to balance')
        figure(f'{reading.rx_frames()} frames in = {sum(reasons.values())} reasons; '
               f'{reading.tx_frames()} out = {forwarded} forwarded + {injected} resets')


@on_each_kind_of_port
class Overload(SceneCase):
    """More frames than the edge can take, so that it must drop some."""

    workers = 2

    def test_under_overload_every_frame_still_has_one_named_reason_and_nothing_vanishes(self):
        frames = [numbered_bulk(number, 1200) for number in range(4096)]
        with Wire(self.scene.client, 'c0') as left:
            for _ in range(15):
                for frame in frames:
                    left.send(frame)

        def settled():
            first = self.edge.counters()
            time.sleep(0.3)  # a moment in which nothing may come in any more
            return self.edge.counters() if self.edge.counters().rx_frames() == first.rx_frames() else None
        reading = wait_until(settled, 10, 'the last frame')
        reasons = {name: value for name, value in reading.reasons().items() if value}
        # What could not be sent has its reason besides the one it was judged by (docs/formats/counters.md).
        unsent = sum(reasons.get(name, 0) for name in ('drop_tx_full', 'drop_too_long'))
        forwarded = sum(value for name, value in reasons.items() if name.startswith('pass_')) - unsent
        lost = {name: reading.port_total(name) for name in ('rx_missed', 'rx_no_buffer', 'kernel_dropped_frames')}
        figure(f'{15 * len(frames)} frames at full speed: {reading.rx_frames()} in, {reading.tx_frames()} out, {reasons}, {lost}')
        self.assertEqual(sum(reasons.values()) - unsent, reading.rx_frames())
        self.assertEqual(forwarded + reading.total('injected_frames'), reading.tx_frames())
        # Of the machines' own few frames some may be among the lost.
        others = reasons['pass_bulk'] + sum(lost.values()) - 15 * len(frames)
        self.assertIn(others, range(_FRAMES_OF_THE_MACHINES))
