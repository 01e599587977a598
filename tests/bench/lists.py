#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What a list costs on its way: from its publication at the source to the snapshot, and the memory of the child that reads it.

  tests/bench/lists.py --build DIR [--entries N]... [--json]

For each size a list is made (by bench_list.py of PARAPET_SHARED, which has real names; else of made-up ones), served over HTTPS to a
parapetd of its own, and timed until its snapshot is published; then polled again unchanged. One core: everything is bound to it.
"""

import argparse
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), '..', 'system'))
from lab.processes import LabError, run, wait_until  # noqa: E402
from lab.scene import Scene  # noqa: E402

SIZES = (10_000, 100_000, 1_000_000)  # and --entries 10000000, which takes a minute and 2 GiB
SHARED = os.environ.get('PARAPET_SHARED', os.path.join(os.path.dirname(os.path.realpath(__file__)), '..', '..', '..', 'shared'))


def make_list(size, folder):
    """Returns the file's path and what it was made of."""
    tool, lists = os.path.join(SHARED, 'tools', 'bench_list.py'), os.path.join(SHARED, 'corpora', 'lists')
    path = os.path.join(folder, f'{size}')
    if os.path.exists(tool):
        run([sys.executable, tool, os.path.join(lists, 'domains.txt.gz'), os.path.join(lists, 'urls.txt.gz'), size, path], timeout_s=900)
        return f'{path}.txt', 'bench_list.py'
    with open(f'{path}.txt', 'w', encoding='ascii') as out:
        for number in range(size):
            out.write(f'n{number}.example{number % 997}.test\n' if number % 3 == 0 else f'http://n{number}.test/page/{number}?q={number % 7}\n')
    return f'{path}.txt', 'made-up names'


def peaks_of(parent, names, until):
    """The most resident memory, in MiB, that each kind of child and the parent itself had, until until() is true."""
    peaks = dict.fromkeys(names, 0)
    while True:
        done = until()
        try:
            children = subprocess.run(['pgrep', '-P', str(parent)], capture_output=True, text=True, check=False).stdout.split()
        except OSError:
            children = []
        for pid in [str(parent), *children]:
            try:
                with open(f'/proc/{pid}/cmdline', 'rb') as line:
                    name = os.path.basename(line.read().split(b'\0')[0].decode())
                with open(f'/proc/{pid}/status', encoding='ascii') as status:
                    peak = next((int(row.split()[1]) >> 10 for row in status if row.startswith('VmHWM')), 0)
            except OSError:
                continue
            if name in peaks:
                peaks[name] = max(peaks[name], peak)
        if done:
            return peaks
        time.sleep(0.05)  # asking costs time of the one core too


def measure(build, size):
    with Scene(build, servers=False) as scene:
        path, origin = make_list(size, scene.directory)
        with open(path, 'rb') as made:
            content = made.read()
        control = scene.control([{'name': 'big', 'url': scene.hotline.url('big'), 'poll_interval_ms': 500, 'deadline_ms': 600_000,
                                  'read_deadline_ms': 600_000, 'read_memory_mib': 65536, 'max_size_bytes': 4_294_967_296,
                                  'max_wrong_lines': size // 20}])
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
        control.start()
        began = time.monotonic()
        scene.hotline.publish_bytes('big', content)

        def source():
            answer = json.loads(control.status('--json').stdout)['control']
            return answer.get('status', answer)['sources'][0]

        def is_published():
            seen = source()
            if seen['error_code'] and seen['error_code'] != 'refused':
                raise LabError(f'{seen["error_code"]}: {seen["error_context"]}')
            if 'held' in seen:  # published names of whole sites are among them; the two people are part of the time
                for person in scene.people[:2]:
                    control.ask('approve', 'big', '--key', person.key_file)
            return os.path.exists(scene.snapshot_file) and seen['sequence'] == 1
        names = ('parapetd', 'parapetd-fetching', 'parapetd-reading')
        peaks = peaks_of(control.daemon.pid, names, is_published)
        took = time.monotonic() - began
        before = os.stat(scene.snapshot_file).st_mtime_ns
        now = time.time()
        wait_until(lambda: source()['last_success'] > now, 30, 'the next poll')
        return {'entries': size, 'made_of': origin, 'bytes': len(content),
                'seconds': round(took, 2), 'child_mib': peaks['parapetd-reading'], 'fetching_mib': peaks['parapetd-fetching'],
                'parapetd_mib': peaks['parapetd'], 'unchanged_compiles': int(os.stat(scene.snapshot_file).st_mtime_ns != before)}


def main():
    parser = argparse.ArgumentParser(prog='tools/bench lists', description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--build', required=True)
    parser.add_argument('--entries', type=int, action='append')
    parser.add_argument('--json', action='store_true')
    options = parser.parse_args()
    rows = []
    for size in options.entries or SIZES:
        row = measure(options.build, size)
        rows.append(row)
        if not options.json:
            print(f'{row["entries"]:>10} entries ({row["made_of"]}, {row["bytes"] >> 20} MiB): {row["seconds"]:.2f} s from source to '
                  f'snapshot, child {row["child_mib"]} MiB, parapetd {row["parapetd_mib"]} MiB, compiles of the unchanged list '
                  f'{row["unchanged_compiles"]}', flush=True)
    if options.json:
        print(json.dumps(rows, indent=2))
    return 0


if __name__ == '__main__':
    sys.exit(main())
