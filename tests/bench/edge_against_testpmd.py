#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How many packets parapet-edge forwards for a second of its worker's CPU time, beside testpmd's macswap.

  tests/bench/edge_against_testpmd.py [--seconds N] [--rounds N] [--flows N] [--names N] [--json]

Both run over the same two DPDK devices (net_pcap, which gives the same frames over and over and throws away what is sent), one
worker on the same CPU, in turn: testpmd, edge, testpmd, edge, ... The median of the rounds counts. What the edge left
uninspected is printed with it: a speed is worth something only beside that.
Exit status: 0 the edge reaches 0.40 of testpmd, 1 it does not.
"""

import argparse
import json
import os
import re
import select
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from typing import NamedTuple

_HERE = os.path.dirname(os.path.realpath(__file__))
_ROOT = os.path.realpath(os.path.join(_HERE, '..', '..'))
sys.path.insert(0, _HERE)
sys.path.insert(0, os.path.join(_ROOT, 'tests', 'system'))
from lab.counters import read_counters  # noqa: E402
from traffic import make_mix, make_names  # noqa: E402

_BUILD = os.path.join(_ROOT, 'build', 'bench-edge')
_TARGETS = ('src/app/edge/parapet-edge', 'tests/bench/bench_snapshot')
_LEAST_RATIO = 0.40
_START_S = 60
_SPARE_BUFFERS = 16384
_BUFFER_BYTES = 3072


class Speed(NamedTuple):
    packets: int
    cpu_s: float
    uninspected: int = 0
    tx_full: int = 0

    def rate(self):
        return self.packets / self.cpu_s / 1e6


class Frames(NamedTuple):
    subscriber: str
    transit: str
    count: int  # on each side

    def device(self, index):
        return f'net_pcap{index},rx_pcap={(self.subscriber, self.transit)[index]},infinite_rx=1'

    def buffers(self):
        return 2 * self.count + _SPARE_BUFFERS

    def memory_mib(self):
        return self.buffers() * _BUFFER_BYTES // 2 ** 20 + 512


def run(*argv):
    ended = subprocess.run(argv, cwd=_ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                           text=True, check=False)
    if ended.returncode != 0:
        sys.exit(f'bench: {" ".join(argv)} failed:\n{ended.stdout[-3000:]}')
    return ended.stdout


def build():
    if not os.path.exists(os.path.join(_BUILD, 'build.ninja')):
        run('meson', 'setup', _BUILD, '--buildtype=debugoptimized')
    run('ninja', '-C', _BUILD, '-j', str(len(os.sched_getaffinity(0))), *_TARGETS)
    return [os.path.join(_BUILD, target) for target in _TARGETS]


def worker_cpu_s(pid):
    """CPU time of the busiest thread that is not the first: the one that forwards."""
    times = []
    for thread in os.listdir(f'/proc/{pid}/task'):
        with open(f'/proc/{pid}/task/{thread}/schedstat', encoding='ascii') as stat:
            times.append((int(stat.read().split()[0]) / 1e9, thread != str(pid)))
    return max(cpu for cpu, is_other in times if is_other)


def cpus():
    """(for the main thread, for the worker)"""
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[0], allowed[-1]


def run_testpmd(frames, seconds):
    main_cpu, worker_cpu = cpus()
    argv = ['stdbuf', '-oL', 'dpdk-testpmd', '--lcores', f'0@{main_cpu},1@{worker_cpu}', '--main-lcore', '0',
            '--no-telemetry', '--no-huge', '--no-shconf', '--no-pci', '-m', str(frames.memory_mib()),
            '--vdev', frames.device(0), '--vdev', frames.device(1), '--', '--forward-mode=macswap', '--auto-start', '--nb-cores=1', f'--total-num-mbufs={frames.buffers()}',
            '--port-topology=paired', '--burst=32', '--no-flush-rx']
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pmd:
        said = ''
        too_late = threading.Timer(_START_S, pmd.kill)
        too_late.start()
        while 'Press enter to exit' not in said:
            line = pmd.stdout.readline()
            if not line:
                too_late.cancel()
                sys.exit(f'bench: testpmd did not start:\n{said[-3000:]}')
            said += line
        too_late.cancel()
        time.sleep(seconds)
        cpu = worker_cpu_s(pmd.pid)
        pmd.send_signal(signal.SIGINT)
        said = pmd.communicate(timeout=_START_S)[0]
    total = said[said.index('Accumulated forward statistics'):]
    return Speed(int(re.search(r'RX-packets:\s*(\d+)', total).group(1)), cpu)


def edge_toml(frames, folder):
    main_cpu, worker_cpu = cpus()
    del main_cpu
    return f'''
[edge]
snapshot_file = "{folder}/snapshot"
digest_key_file = "{folder}/key"
counters_file = "{folder}/counters"
[memory]
hugepages = false
size_mib = {frames.memory_mib() + 256}
mbufs = {frames.buffers()}
[workers]
cores = [{worker_cpu}]
idle_sleep_us = 0
[[pair]]
name = "bench"
subscriber = "{frames.device(0)}"
transit = "{frames.device(1)}"
max_frame = 1518
'''


def run_edge(program, frames, folder, seconds):
    config = os.path.join(folder, 'edge.toml')
    with open(config, 'w', encoding='utf-8') as out:
        out.write(edge_toml(frames, folder))
    notify_path = os.path.join(folder, 'notify')
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(notify_path)
        try:
            with subprocess.Popen([program, '--config', config], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.PIPE, text=True, env=dict(os.environ, NOTIFY_SOCKET=notify_path)) as edge:
                if not select.select([notify], [], [], _START_S)[0]:
                    edge.kill()
                    sys.exit(f'bench: the edge did not start:\n{edge.stderr.read()[-3000:]}')
                time.sleep(seconds)
                reading = read_counters(os.path.join(folder, 'counters'))
                cpu = worker_cpu_s(edge.pid)
                edge.terminate()
                edge.communicate(timeout=_START_S)
        finally:
            os.unlink(notify_path)
    return Speed(reading.rx_frames(), cpu, sum(reading.uninspected().values()), reading.reasons()['drop_tx_full'])


def report(frames, mean_length, pmd, edge, as_json):
    ratio = statistics.median(speed.rate() for speed in edge) / statistics.median(speed.rate() for speed in pmd)
    if as_json:
        print(json.dumps({'frames': 2 * frames.count, 'mean_bytes': mean_length, 'ratio': ratio,
                          'testpmd_mpps_per_cpu_s': [speed.rate() for speed in pmd],
                          'edge_mpps_per_cpu_s': [speed.rate() for speed in edge],
                          'edge_uninspected': [speed.uninspected for speed in edge]}))
        return ratio
    print(f'{2 * frames.count:,} frames of {mean_length:.0f} bytes on average, over and over')
    for name, speeds in (('testpmd macswap', pmd), ('parapet-edge', edge)):
        rates = [speed.rate() for speed in speeds]
        print(f'{name:16} {statistics.median(rates):6.2f} Mpkt for a CPU second [{min(rates):.2f}-{max(rates):.2f}]  '
              f'{1000 / statistics.median(rates):6.0f} ns a packet  {sum(speed.packets for speed in speeds):,} packets')
    print(f'the edge left uninspected {sum(speed.uninspected for speed in edge):,}, '
          f'its ports refused {sum(speed.tx_full for speed in edge):,}')
    print(f'ratio {ratio:.2f}; at least {_LEAST_RATIO} is wanted')
    return ratio


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument('--seconds', type=float, default=10)
    arguments.add_argument('--rounds', type=int, default=3)
    arguments.add_argument('--flows', type=int, default=4000)
    arguments.add_argument('--names', type=int, default=100_000)
    arguments.add_argument('--json', action='store_true')
    options = arguments.parse_args()
    edge_program, snapshot_program = build()
    pmd, edge = [], []
    with tempfile.TemporaryDirectory(prefix='parapet-bench-') as folder:
        names = os.path.join(folder, 'names.txt')
        make_names(names, options.names)
        run(snapshot_program, names, os.path.join(folder, 'snapshot'), os.path.join(folder, 'key'))
        paths, count, mean_length = make_mix(folder, options.flows, names)
        frames = Frames(*paths, count)
        for _ in range(options.rounds):
            pmd.append(run_testpmd(frames, options.seconds))
            edge.append(run_edge(edge_program, frames, folder, options.seconds))
    return 0 if report(frames, mean_length, pmd, edge, options.json) >= _LEAST_RATIO else 1


if __name__ == '__main__':
    sys.exit(main())
