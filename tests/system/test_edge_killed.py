# SPDX-License-Identifier: Apache-2.0
"""kill -9 of parapet-edge on af_xdp ports: the kernel forwards, nobody loses a connection, a restart inspects again."""

import re
import signal
import subprocess
import tempfile
import time

from lab.case import SceneCase, figure
from lab.download import Download
from lab.processes import wait_until
from lab.requests import SERVED, ask_web
from lab.scene import SERVER_ADDRESSES

PING_INTERVAL_S = 0.002


class Ping:
    """A ping every 2 ms. A gap is the time between two answers with an unanswered one between them."""

    def __init__(self, scene):
        command = scene.client.command(['ping', '-D', '-i', str(PING_INTERVAL_S), '-W', '1', SERVER_ADDRESSES[0]])
        self._output = tempfile.TemporaryFile('w+')
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self._output)

    def stop(self):
        """Returns (answered, lost, longest gap in s)."""
        self._process.send_signal(signal.SIGINT)
        self._process.wait()
        self._output.seek(0)
        # icmp_seq has 16 bits; a test is shorter than that
        answers = sorted((int(number), float(when)) for when, number in
                         re.findall(r'^\[([\d.]+)\].* icmp_seq=(\d+) ttl', self._output.read(), re.MULTILINE))
        self._output.close()
        pairs = list(zip(answers, answers[1:]))
        lost = sum(later[0] - earlier[0] - 1 for earlier, later in pairs)
        gaps = [later[1] - earlier[1] for earlier, later in pairs if later[0] - earlier[0] > 1]
        return len(answers), lost, max(gaps, default=0.0)


class EdgeKilled(SceneCase):
    ports = 'af_xdp'

    def inspects(self):
        return not self.scene.subscriber.get_one('http://listed.example.test/', timeout_s=1).served

    def test_a_killed_edge_is_bypassed_within_50_ms_and_a_new_one_inspects_within_2_s(self):
        gaps = sorted(self.kill_and_start_again() for _ in range(3))
        figure(f'longest gap of each of three kills: {", ".join(f"{gap * 1000:.0f} ms" for gap in gaps)}')
        self.assertLessEqual(gaps[-1], 0.050)

    def kill_and_start_again(self):
        """Kills the edge under a ping and a download and starts it; returns the longest time without an answer, in s."""
        ping, download = Ping(self.scene), Download(self.scene, 48 << 20, '8M')
        wait_until(lambda: self.edge.counters().rx_frames() > 1000, 10, 'traffic')
        self.edge.kill()
        self.assert_rows([ask_web(self.scene, 'http://open.example.test/', SERVED),
                          ask_web(self.scene, 'http://listed.example.test/', SERVED, note='nobody inspects')])
        began = time.monotonic()
        self.edge.start()
        ready_s = time.monotonic() - began
        wait_until(self.inspects, 5, 'inspection')
        inspects_s = time.monotonic() - began
        self.assertTrue(download.running(), 'the download must span the kill and the restart')
        seen, wanted = download.outcome()
        answered, lost, gap_s = ping.stop()
        reading = self.edge.counters()
        bypassed = reading.port_total('kernel_bypassed_frames')
        figure(f'{answered} pings answered, {lost} lost, longest gap {gap_s * 1000:.0f} ms; ready {ready_s:.2f} s, inspects '
               f'{inspects_s:.2f} s after its start; {bypassed} frames bypassed; download: {seen}')
        self.assertEqual(seen, wanted)
        self.assertLessEqual(inspects_s, 2.0)
        self.assertGreater(bypassed, 0)
        self.assertGreater(reading.uninspected()['kernel_bypass'], 0)
        return gap_s

    def test_a_hung_edge_is_bypassed_after_its_heartbeat_and_takes_over_again(self):
        ping = Ping(self.scene)
        before = self.edge.counters()
        wait_until(lambda: self.edge.counters().rx_frames() > before.rx_frames() + 200, 10, 'traffic')
        self.edge.daemon.process.send_signal(signal.SIGSTOP)
        try:
            wait_until(lambda: self.scene.subscriber.get_one('http://listed.example.test/', timeout_s=1).served, 5,
                       'the bypass')
        finally:
            self.edge.daemon.process.send_signal(signal.SIGCONT)
        wait_until(self.inspects, 5, 'inspection')
        answered, lost, gap_s = ping.stop()
        stale = self.edge.counters().reasons()['drop_stale'] - before.reasons()['drop_stale']
        figure(f'hung for a while: {answered} pings answered, {lost} lost, longest gap {gap_s * 1000:.0f} ms, {stale} stale frames dropped')
        self.assertLessEqual(gap_s, 0.150)

    def test_a_stopped_edge_leaves_a_forwarding_wire_behind(self):
        ping = Ping(self.scene)
        before = self.edge.counters()
        wait_until(lambda: self.edge.counters().rx_frames() > before.rx_frames() + 200, 10, 'traffic')
        self.assertEqual(self.edge.stop(), 0)
        self.assert_rows([ask_web(self.scene, 'http://open.example.test/', SERVED)])
        self.edge.start()
        wait_until(self.inspects, 5, 'inspection')
        answered, lost, gap_s = ping.stop()
        figure(f'stopped and started: {answered} pings answered, {lost} lost, longest gap {gap_s * 1000:.0f} ms')
        self.assertLessEqual(gap_s, 0.150)
