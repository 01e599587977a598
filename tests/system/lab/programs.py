# SPDX-License-Identifier: Apache-2.0
"""parapetd and parapet-edge in a scene: their configuration, start, state and end."""

import json
import os
import urllib.request

from .counters import read_counters
from .processes import Daemon, LabError, run, wait_until

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), '..', '..', '..'))


class Binaries:
    """Where one build's programs are."""

    def __init__(self, build):
        self.build = os.path.realpath(build)
        self.edge = os.path.join(self.build, 'src', 'app', 'edge', 'parapet-edge')
        self.control = os.path.join(self.build, 'src', 'app', 'control', 'parapetd')
        self.cli = os.path.join(self.build, 'src', 'app', 'cli', 'parapet')


def format_toml(tables):
    """[(heading, {key: value})] as TOML; the heading is written as it is."""
    lines = []
    for heading, values in tables:
        lines.append(heading)
        for key, value in values.items():
            if isinstance(value, bool):
                text = 'true' if value else 'false'
            elif isinstance(value, (str, list)):
                text = json.dumps(value)
            else:
                text = str(value)
            lines.append(f'{key} = {text}')
        lines.append('')
    return '\n'.join(lines)


def write_file(path, text):
    temporary = f'{path}.new'
    with open(temporary, 'w', encoding='utf-8') as out:
        out.write(text)
    os.replace(temporary, path)


# By what right the lists of these tests are enforced.
LEGAL = {'legal_basis': 'Example Act section 1', 'authority': 'Example Authority', 'appeal': 'appeals@authority.example',
         'category': 'csam', 'jurisdiction': 'EX', 'contact': 'hotline@hotline.example'}


class Person:
    """Somebody who decides, with a key of `parapet key new`."""

    def __init__(self, cli, directory, name):
        self.name = name
        self.key_file = os.path.join(directory, f'{name}.key')
        made = run([cli, 'key', 'new', name, self.key_file])
        self.public_key = made.stdout.split('"')[3]

    def table(self):
        return {'name': self.name, 'ed25519': self.public_key}


def make_scope_lock(cli, path, categories, sequence=1, people=()):
    """A scope lock at `path`, put there by rename when these people have signed it."""
    new = f'{path}.new'
    if os.path.exists(new):
        os.unlink(new)
    run([cli, 'scope', 'new', new, *categories, '--sequence', str(sequence)])
    for person in people:
        run([cli, 'scope', 'sign', new, '--key', person.key_file])
    os.replace(new, path)


class Control:
    """parapetd in the office namespace. `sources` are [[source]] tables; keys "csv", "json", "guard", "legal" and "report" become
    [source.csv] and so on, each of a list "keys" a [[source.key]], of "applies_to" and "exempt" a table of that name; each path of
    archive_old_keys is an [[archive_old_key]]. A
    datetime with a time zone is one in TOML, too."""

    def __init__(self, scene, sources, binaries=None, **settings):
        self.scene = scene
        self.binaries = binaries or scene.binaries
        self.directory = os.path.join(scene.directory, 'control')
        os.makedirs(self.directory, mode=0o700, exist_ok=True)
        self.config = os.path.join(self.directory, 'control.toml')
        self.log_path = os.path.join(self.directory, 'parapetd.log')
        self.socket = os.path.join(self.directory, 'control.sock')
        values = {'state_directory': self.directory, 'snapshot_file': scene.snapshot_file,
                  'digest_key_file': scene.digest_key_file, 'counters_file': scene.counters_file,
                  'socket': self.socket, 'operator_group': '', 'metrics_address': '127.0.0.1:9464',
                  'explain_per_minute': 600, 'log_level': 'info'}
        if scene.scope_lock:
            values['scope_lock_file'] = scene.scope_lock
        old_keys = settings.pop('archive_old_keys', [])
        values.update(settings)
        values = {key: value for key, value in values.items() if value is not None}
        tables = [('[control]', values), ('[guard]', scene.guard_files())]
        tables += [('[[approver]]', person.table()) for person in scene.people]
        tables += [('[[archive_old_key]]', {'file': path}) for path in old_keys]
        for source in sources:
            table = {'ca_file': scene.authority.certificate, 'poll_interval_ms': 100, 'deadline_ms': 5000,
                     'state': 'enforce'}
            table.update(source)
            table = {key: value for key, value in table.items() if value is not None}
            below = [(f'[source.{key}]', table.pop(key)) for key in ('guard', 'csv', 'json', 'report') if key in table]
            keys = table.pop('keys', [])
            legal = table.pop('legal', LEGAL)
            selectors = [(f'[[source.{key}]]', selector) for key in ('applies_to', 'exempt') for selector in table.pop(key, [])]
            tables.append(('[[source]]', table))
            tables += [('[[source.key]]', key) for key in keys] + selectors
            tables.append(('[source.legal]', legal))
            tables += below
        write_file(self.config, format_toml(tables))
        self.daemon = None

    def begin(self, **environment):
        """Starts it with these variables and waits for nothing."""
        self.daemon = Daemon('parapetd', [self.binaries.control, '--config', self.config], self.log_path, self.scene.office,
                             notify=True, environment=environment)

    def start(self, timeout_s=20, **environment):
        """Returns the seconds until it said READY=1."""
        self.begin(**environment)
        return self.daemon.wait_ready(timeout_s)

    def kill(self):
        self.daemon.kill()
        self.daemon = None

    def stop(self):
        if self.daemon is not None:
            code = self.daemon.stop()
            self.daemon = None
            return code
        return None

    def status(self, *words):
        """`parapet status`, as the operator runs it: exit 1 is a finding, not a failure."""
        return run([self.binaries.cli, 'status', '--socket', self.socket, '--counters', self.scene.counters_file, *words],
                   check=False)

    def explain(self, url, *words):
        return run([self.binaries.cli, 'explain', '--socket', self.socket, url, *words], check=False)

    def ask(self, *words, check=False):
        """Another command of `parapet` that asks parapetd."""
        return run([self.binaries.cli, *words, '--socket', self.socket], check=check)

    def metrics(self):
        with self.scene.office.entered():
            with urllib.request.urlopen('http://127.0.0.1:9464/metrics', timeout=5) as answer:
                return answer.read().decode()


def port_arguments(kind, index, interface):
    """The device arguments of one port for edge.toml."""
    return f'af_xdp,iface={interface}' if kind == 'af_xdp' else f'net_af_packet{index},iface={interface}'


class Edge:
    """parapet-edge between sub0 and net0 of the edge namespace."""

    def __init__(self, scene, ports='af_packet', workers=1, binaries=None, sections=None, name='edge'):
        self.scene = scene
        self.ports = ports
        self.binaries = binaries or scene.binaries
        self.directory = os.path.join(scene.directory, name)
        os.makedirs(self.directory, exist_ok=True)
        self.config = os.path.join(self.directory, 'edge.toml')
        self.log_path = os.path.join(self.directory, 'parapet-edge.log')
        self.pin_directory = os.path.join(scene.bpf_directory, 'parapet')
        cpus = sorted(os.sched_getaffinity(0), reverse=True)
        changes = sections or {}
        tables = [
            ('[edge]', {'snapshot_file': scene.snapshot_file, 'digest_key_file': scene.digest_key_file,
                        'counters_file': scene.counters_file, 'log_level': 'info'}),
            ('[memory]', {'hugepages': False, 'size_mib': 512, 'mbufs': 8192}),
            ('[workers]', {'cores': sorted(cpus[:workers])}),
            ('[streams]', {}),
            ('[actions]', {'tcp': 'reset', 'udp': 'drop'}),
        ]
        if ports == 'af_xdp':
            tables.append(('[bpf]', {'pin_directory': self.pin_directory}))
        tables.append(('[[pair]]', {'name': 'peering-1', 'subscriber': port_arguments(ports, 0, 'sub0'),
                                    'transit': port_arguments(ports, 1, 'net0')}))
        for heading, values in tables:
            values.update(changes.get(heading, {}))
        write_file(self.config, format_toml(tables))
        self.daemon = None

    def start(self, timeout_s=30):
        """Returns the seconds until it said READY=1."""
        self.daemon = Daemon('parapet-edge', [self.binaries.edge, '--config', self.config], self.log_path, self.scene.edge,
                             notify=True)
        return self.daemon.wait_ready(timeout_s)

    def kill(self):
        self.daemon.kill()
        self.daemon = None

    def stop(self):
        if self.daemon is not None:
            code = self.daemon.stop()
            self.daemon = None
            return code
        return None

    def counters(self):
        return read_counters(self.scene.counters_file)

    def generation(self):
        """The generation that every worker uses; 0 while there is none."""
        try:
            return self.counters().header('applied_generation')
        except (FileNotFoundError, LabError):
            return 0

    def wait_generation_after(self, generation, timeout_s=10):
        """Until a newer generation is in force. Returns (generation, its CLOCK_REALTIME in ns)."""
        def newer():
            self.daemon.fail_if_dead()
            return self.generation() > generation
        wait_until(newer, timeout_s, f'a generation after {generation}', 0.002)
        reading = self.counters()
        return reading.header('applied_generation'), reading.header('applied_realtime_ns')
