#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The quickstart scene: standard requests through a running edge, list changes timed, the control plane killed."""

import argparse
import contextlib
import json
import sys
import time

from lab.lists import HOTLINE_LIST, publish_standard_lists, standard_sources
from lab.processes import Interrupted, LabError, raise_on_signals, wait_until
from lab.requests import SERVED, STOPPED, Row, ask_dns, ask_standard, ask_web
from lab.scene import Scene

_LATE = 'late.example.test'
_TOP = 'open.example.test'


class Table:
    """Rows for eyes, printed as they come."""

    def __init__(self, quiet):
        self.quiet = quiet
        self.rows = []

    def say(self, text=''):
        if not self.quiet:
            print(text, flush=True)

    def heading(self, title):
        self.say(f'\n{title}')
        self.say(f'    {"request":<72} {"expected":<10} {"seen":<38} {"time":>9}')

    def add(self, row):
        self.rows.append(row)
        mark = ' ok ' if row.ok else 'FAIL'
        self.say(f'{mark} {row.request:<72} {row.expected:<10} {row.seen:<38} {row.time_s * 1000:>6.1f} ms')


def time_change(scene, edge, lines, expected):
    """Publishes the hotline's list anew. Returns (s to the last worker, s to the first request that comes out so)."""
    generation = edge.generation()
    published_ns = scene.hotline.publish('list.txt', lines)
    began = time.monotonic()

    def comes_out():
        row = ask_web(scene, f'http://{_LATE}/', expected)
        return row if row.ok else None
    wait_until(comes_out, 15, f'{_LATE} to be {expected}')
    first_request_s = time.monotonic() - began
    _, applied_ns = edge.wait_generation_after(generation)
    return (applied_ns - published_ns) / 1e9, first_request_s


def show_changes(scene, edge, table):
    table.say('\n    change of the list while running (the source is asked every 0.5 s)')
    figures = {}
    for what, lines, expected in (('enforce', [*HOTLINE_LIST, _LATE], STOPPED), ('release', HOTLINE_LIST, SERVED)):
        worker_s, request_s = time_change(scene, edge, lines, expected)
        figures[f'time_to_{what}_s'] = round(worker_s, 3)
        figures[f'first_request_after_{what}_s'] = round(request_s, 3)
        verb = 'added' if what == 'enforce' else 'removed'
        table.say(f'    one entry {verb} at the hotline: time-to-{what} {worker_s:.3f} s to the last worker, '
                  f'{request_s:.3f} s to the first request {expected}')
    return figures


def show_guard(scene, control, table):
    """A bad list is held, the site stays up; two people release it, and it is gone again with the next list."""
    def says(person, expected):
        answer = control.ask('approve', 'hotline', '--key', person.key_file)
        seen = (answer.stdout or answer.stderr).strip()
        table.add(Row(f'parapet approve hotline, by {person.name}', expected, expected if expected in seen else seen, 0.0))

    def comes_out(expected):
        row = ask_web(scene, f'http://{_TOP}/', expected)
        return row if row.ok else None

    table.heading(f'  a list that would stop {_TOP}, which most people use')
    scene.hotline.publish('list.txt', [*HOTLINE_LIST, _TOP])
    held = wait_until(lambda: json.loads(control.ask('held', '--json').stdout)['held'], 15, 'the list to be held')
    found = ', '.join(f'{each["rule"]} {each["count"]}' for each in held[0]['findings'])
    table.add(Row('the new version of the list waits for people', 'top_site 1', found, 0.0))
    table.add(ask_web(scene, f'http://{_TOP}/', SERVED))
    anna, boris = scene.people[:2]
    says(anna, 'another person must approve')
    says(anna, 'the same person has approved already')
    table.add(ask_web(scene, f'http://{_TOP}/', SERVED))
    says(boris, 'released: it is in force')
    table.add(wait_until(lambda: comes_out(STOPPED), 15, f'{_TOP} to be {STOPPED}'))
    scene.hotline.publish('list.txt', HOTLINE_LIST)
    table.add(wait_until(lambda: comes_out(SERVED), 15, f'{_TOP} to be {SERVED}'))


def show_figures(edge, table):
    reading = edge.counters()
    reasons = {name: value for name, value in reading.reasons().items() if value}
    dropped = sum(value for name, value in reasons.items() if name.startswith('drop_'))
    requests = {f'{protocol}_{verdict}': reading.requests(protocol, verdict)
                for protocol in ('http', 'tls', 'dns') for verdict in ('pass', 'block')}
    figures = {
        'generation': reading.header('applied_generation'),
        'frames_in': reading.rx_frames(), 'frames_out': reading.tx_frames(), 'frames_dropped': dropped,
        'reasons': reasons, 'requests': requests,
        'actions': {name: value for name, value in reading.actions().items() if value},
        'uninspected': {name: value for name, value in reading.uninspected().items() if value},
        'bad_checksums': reading.total('checksums_bad'),
    }
    table.say('\n    the edge\'s own counters')
    table.say(f'    generation {figures["generation"]}: {figures["frames_in"]} frames in, {figures["frames_out"]} out '
              f'(resets included), {dropped} dropped, {figures["bad_checksums"]} with a bad checksum')
    for title in ('requests', 'reasons', 'actions', 'uninspected'):
        listed = ', '.join(f'{name} {value}' for name, value in figures[title].items()) or 'none'
        table.say(f'    {title}: {listed}')
    return figures


def look_around(scene, control, edge):
    """Says how, and waits for Ctrl-C."""
    print(f'''
It goes on running. Look around in another terminal (as root):
  a request:        nsenter --net={scene.client.path} curl --resolve '*:80:192.0.2.80' http://listed.example.test/
  DNS:              nsenter --net={scene.client.path} dig @192.0.2.80 open.example.test
  status:           {control.binaries.cli} status --socket {control.socket} --counters {scene.counters_file}
  what is listed:   {control.binaries.cli} explain --socket {control.socket} http://listed.example.test/
  metrics:          nsenter --net={scene.office.path} curl http://127.0.0.1:9464/metrics
  the list:         {scene.hotline.folder}/list.txt (change it: the edge follows)
  configuration:    {control.config}
                    {edge.config}
  logs:             {control.log_path}
                    {edge.log_path}
Ctrl-C here stops and removes everything.''', flush=True)
    while True:
        time.sleep(3600)


@contextlib.contextmanager
def showing_logs(scene):
    """Where the scene fails, the end of the programs' logs, while they are still there."""
    try:
        yield
    except LabError:
        for log in scene.logs():
            with open(log, encoding='utf-8', errors='replace') as lines:
                print(f'--- {log}\n{"".join(lines.readlines()[-20:])}', file=sys.stderr)
        raise


def run_scene(ports, build, keep, table):
    result = {'ports': ports}
    began = time.monotonic()
    with Scene(build) as scene, showing_logs(scene):
        publish_standard_lists(scene.hotline)
        scene.protect(_TOP)
        control = scene.control(standard_sources(scene.hotline))
        edge = scene.edge_program(ports)
        control.start()
        edge.start()
        edge.wait_generation_after(0)
        scene.wait_forwarding()
        table.say(f'\nParapet between a client and its servers, ports {ports} '
                  f'(scene up in {time.monotonic() - began:.1f} s)')
        table.heading('  real clients, real servers')
        ask_standard(scene, show=table.add)
        result.update(show_changes(scene, edge, table))
        show_guard(scene, control, table)
        control.kill()
        table.heading('  parapetd was killed: inspection goes on')
        table.add(ask_web(scene, 'http://listed.example.test/', STOPPED))
        table.add(ask_web(scene, 'https://listed.example.test/', STOPPED))
        table.add(ask_web(scene, 'http://open.example.test/', SERVED))
        table.add(ask_dns(scene, 'listed.example.test', 'no answer'))
        result['counters'] = show_figures(edge, table)
        if keep:
            control.start()
            look_around(scene, control, edge)
        code = edge.stop()
        table.add(Row('parapet-edge ends when asked to', 'exit 0', f'exit {code}', 0.0))
    result['rows'] = [row.as_dict() for row in table.rows]
    return result


def main():
    parser = argparse.ArgumentParser(prog='tools/quickstart')
    parser.add_argument('--build', required=True)
    parser.add_argument('--ports', choices=('af_packet', 'af_xdp'))
    parser.add_argument('--json', action='store_true')
    parser.add_argument('--keep', action='store_true')
    options = parser.parse_args()
    raise_on_signals()
    results = []
    for ports in ([options.ports] if options.ports else ['af_packet', 'af_xdp']):
        table = Table(options.json)
        try:
            results.append(run_scene(ports, options.build, options.keep, table))
        except LabError as error:
            results.append({'ports': ports, 'error': str(error), 'rows': [row.as_dict() for row in table.rows]})
            table.say(f'FAIL {error}')
        except Interrupted as signal_name:
            print(f'quickstart: {signal_name}, everything is removed', file=sys.stderr)
            return 0 if options.keep else 130
    rows = [row for result in results for row in result['rows']]
    wrong = sum(not row['ok'] for row in rows) + sum('error' in result for result in results)
    if options.json:
        print(json.dumps({'ok': wrong == 0, 'scenes': results}, indent=2))
    else:
        print(f'\n{len(rows) - sum(not row["ok"] for row in rows)} of {len(rows)} rows as expected'
              f'{"" if wrong == 0 else ", the quickstart FAILED"}')
    return 0 if wrong == 0 else 1


if __name__ == '__main__':
    sys.exit(main())
