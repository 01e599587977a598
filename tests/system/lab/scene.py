# SPDX-License-Identifier: Apache-2.0
"""The scene: four namespaces (client, edge, server, office), the servers, the hotline, and what forwards in the middle.

    client c0 ──── sub0 edge net0 ──── s0 server          office: parapetd and the hotline, on loopback
    192.0.2.10                         192.0.2.80
    2001:db8::10                       2001:db8::80
"""

import atexit
import contextlib
import glob
import os
import secrets
import shutil
import sys

from .certificates import Authority
from .clients import Client
from .forwarder import Forwarder
from .hotline import Hotline
from .namespaces import Namespace, PassProgram, connect, give_addresses, silence
from .processes import Daemon, LabError, run, wait_until
from .programs import LEGAL, Binaries, Control, Edge, Person, make_scope_lock
from .servers import NameServer, WebServer

CLIENT_ADDRESSES = ('192.0.2.10', '2001:db8::10')
SERVER_ADDRESSES = ('192.0.2.80', '2001:db8::80')
HOTLINE_PORT = 8443
_RUNS = '/run/parapet-lab'

# Every name stands on the one address of the server.
NAMES = ['open.example.test', 'listed.example.test', 'sub.listed.example.test', 'notlisted.example.test',
         'domain.example.test', 'www.domain.example.test', 'pages.example.test', 'gallery.example.test',
         'late.example.test', 'a.example.test', 'b.example.test']


# Names that no list may stop, in this scene's world.
GUARD_FILES = {
    'top_sites.txt': ['1,top.example.test', '2,news.invalid'],
    'shared_hosts.txt': ['shared.example.test'],
    'resolvers.txt': ['dns.provider.test'],
    'hotlines.txt': ['hotline.test'],
    'certificates.txt': ['ocsp.authority.test'],
    'special_use.txt': ['home.invalid'],
    'own_names.txt': ['provider.test'],
    'public_suffix_list.dat': ['// names under which anybody can register', 'test', 'co.test'],
}


def _start_time(pid):
    """Field 22 of /proc/PID/stat: with the pid it names one process for good. None where there is none."""
    try:
        with open(f'/proc/{pid}/stat', encoding='ascii', errors='replace') as stat:
            return stat.read().rpartition(')')[2].split()[19]
    except OSError:
        return None


def _remove_run(run_id):
    """What a scene leaves behind when it is killed: namespaces, mounts, its folder. Its processes died with it."""
    directory = os.path.join(_RUNS, run_id)
    for name in os.listdir('/run/netns') if os.path.isdir('/run/netns') else []:
        if name.startswith(f'{run_id}-'):
            run(['ip', 'netns', 'del', name], check=False)
    bpf = os.path.join(directory, 'bpf')
    while os.path.ismount(bpf):
        run(['umount', bpf])
    shutil.rmtree(directory, ignore_errors=True)


def sweep():
    """Removes what scenes left whose process was killed."""
    for run_id in os.listdir(_RUNS) if os.path.isdir(_RUNS) else []:
        try:
            with open(os.path.join(_RUNS, run_id, 'owner'), encoding='ascii') as owner:
                pid, started = owner.read().split()
        except (OSError, ValueError):
            continue
        if _start_time(pid) != started:
            _remove_run(run_id)


class Scene:
    """Use in a `with`: all of it is gone afterwards, whatever happened in between."""

    def __init__(self, build=None, mtu=1500, names=None, servers=True, last_hop=False):
        """servers: whether the standard servers run. last_hop: packets with TTL 1 die just before the server."""
        self.binaries = Binaries(build) if build else None
        self._servers = servers
        self._last_hop = last_hop
        self.mtu = mtu
        self.names = names or NAMES
        self.run_id = f'ppt{secrets.token_hex(3)}'
        self.directory = os.path.join(_RUNS, self.run_id)
        self.bpf_directory = os.path.join(self.directory, 'bpf')
        self.snapshot_file = os.path.join(self.directory, 'snapshot')
        self.digest_key_file = os.path.join(self.directory, 'control', 'digest.key')
        self.counters_file = os.path.join(self.directory, 'edge.counters')
        self.guard_directory = os.path.join(self.directory, 'guard')
        self.people = []
        self.scope_lock = None
        self._undo = contextlib.ExitStack()

    def __enter__(self):
        if os.geteuid() != 0:
            raise LabError('the scene needs root: network namespaces, veth and packet sockets')
        sweep()
        atexit.register(self._undo.close)
        try:
            self._build()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exception):
        self._undo.close()
        atexit.unregister(self._undo.close)

    def _build(self):
        os.makedirs(self.directory, mode=0o755)
        with open(os.path.join(self.directory, 'owner'), 'w', encoding='ascii') as owner:
            owner.write(f'{os.getpid()} {_start_time(os.getpid())}')
        self._undo.callback(_remove_run, self.run_id)
        os.makedirs(self.bpf_directory)
        run(['mount', '-t', 'bpf', 'bpf', self.bpf_directory])
        self.client, self.edge, self.server, self.office = (
            self._namespace(name) for name in ('client', 'edge', 'server', 'office'))
        connect(self.client, 'c0', self.edge, 'sub0', self.mtu)
        connect(self.edge, 'net0', self.server, 's0', self.mtu)
        pass_program = PassProgram(self.directory, self.bpf_directory)
        pass_program.attach(self.client, 'c0')
        if self._last_hop:
            pass_program = PassProgram(self.directory, self.bpf_directory, 'last_hop')
        pass_program.attach(self.server, 's0')
        silence(self.edge, 'sub0')
        silence(self.edge, 'net0')
        give_addresses(self.client, 'c0', *CLIENT_ADDRESSES)
        give_addresses(self.server, 's0', *SERVER_ADDRESSES)
        self.authority = Authority(os.path.join(self.directory, 'authority'))
        if self._servers:
            self._start_servers()
        self._start_hotline()
        self._write_guard_files()
        if self.binaries:
            self.people = [Person(self.binaries.cli, self.directory, name) for name in ('anna', 'boris', 'carla')]
            self.scope_lock = os.path.join(self.directory, 'scope.lock')
            make_scope_lock(self.binaries.cli, self.scope_lock, [LEGAL['category']], people=self.people[:2])
        self.subscriber = Client(self.client, SERVER_ADDRESSES, self.authority)

    def _namespace(self, name):
        namespace = Namespace(f'{self.run_id}-{name}')
        self._undo.callback(namespace.remove)
        return namespace

    def _start_servers(self):
        certificate, key = self.authority.issue('servers', dns_names=self.names, addresses=SERVER_ADDRESSES)
        self.web = WebServer(os.path.join(self.directory, 'web'), self.server, SERVER_ADDRESSES, self.names,
                             certificate, key)
        self._undo.callback(self.web.daemon.stop)
        self.dns = NameServer(os.path.join(self.directory, 'dns'), self.server, SERVER_ADDRESSES, self.names)
        self._undo.callback(self.dns.daemon.stop)
        self.web.wait_ready()
        self.dns.wait_ready()

    def _start_hotline(self):
        self.hotline = Hotline(os.path.join(self.directory, 'hotline'), HOTLINE_PORT)
        certificate, key = self.authority.issue('hotline', addresses=['127.0.0.1'])
        program = os.path.join(os.path.dirname(__file__), 'hotline.py')
        self.hotline_log = os.path.join(self.directory, 'hotline.log')
        hotline = Daemon('hotline', [sys.executable, program, self.hotline.folder, HOTLINE_PORT, certificate, key,
                                     self.hotline_log], f'{self.directory}/hotline.out', self.office)
        self._undo.callback(hotline.stop)
        wait_until(lambda: hotline.fail_if_dead() or f':{HOTLINE_PORT} ' in self.office.run(['ss', '-ltnH']).stdout,
                   10, 'the hotline', 0.05)

    def _write_guard_files(self):
        os.makedirs(self.guard_directory)
        for name, lines in GUARD_FILES.items():
            with open(os.path.join(self.guard_directory, name), 'w', encoding='ascii') as file:
                file.write('\n'.join(lines) + '\n')

    def protect(self, name):
        """From now on it is a site that most people use."""
        with open(os.path.join(self.guard_directory, 'top_sites.txt'), 'a', encoding='ascii') as file:
            file.write(f'{name}\n')

    def guard_files(self):
        """Keys of [guard]."""
        return {'directory': self.guard_directory,
                'public_suffix_file': os.path.join(self.guard_directory, 'public_suffix_list.dat'),
                'own_names_file': os.path.join(self.guard_directory, 'own_names.txt')}

    def control(self, sources, **options):
        """A parapetd, not started yet; it is stopped with the scene."""
        control = Control(self, sources, **options)
        self._undo.callback(control.stop)
        return control

    def edge_program(self, ports='af_packet', **options):
        """A parapet-edge, not started yet; it is stopped with the scene."""
        edge = Edge(self, ports, **options)
        self._undo.callback(edge.stop)
        return edge

    def end_with(self, callback):
        """Calls it when the scene ends, the newest first."""
        self._undo.callback(callback)

    def logs(self):
        """The log files of parapetd and parapet-edge."""
        return sorted(glob.glob(os.path.join(self.directory, '*', 'parapet*.log')))

    def plain_wire(self):
        """A bare forwarder in the edge's place, as the control of every experiment. It stops with the scene or before."""
        forwarder = Forwarder(self.edge, 'sub0', 'net0')
        self._undo.callback(forwarder.stop)
        return forwarder

    def wait_forwarding(self, timeout_s=10):
        """Until a ping crosses."""
        wait_until(lambda: self.client.run(['ping', '-c1', '-W1', SERVER_ADDRESSES[0]], check=False).returncode == 0,
                   timeout_s, 'the first ping to cross')
