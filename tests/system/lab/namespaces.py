# SPDX-License-Identifier: Apache-2.0
"""Network namespaces and the veth pairs between them."""

import contextlib
import ctypes
import os

from .processes import LabError, run

_CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)

# What a real wire does not do: packets that are finished, merged or cut by somebody else than the ends.
OFFLOADS_OFF = ['tx', 'off', 'rx', 'off', 'tso', 'off', 'gso', 'off', 'gro', 'off', 'sg', 'off',
                'rxvlan', 'off', 'txvlan', 'off']


class Namespace:
    """A named network namespace with its loopback up; remove() ends it."""

    def __init__(self, name):
        self.name = name
        self.path = f'/run/netns/{name}'
        run(['ip', 'netns', 'add', name])
        self.run(['ip', 'link', 'set', 'lo', 'up'])

    def remove(self):
        run(['ip', 'netns', 'del', self.name], check=False)

    def command(self, argv):
        """The words that run argv in here. nsenter, because `ip netns exec` hides bpffs."""
        return ['nsenter', f'--net={self.path}', '--', *[str(word) for word in argv]]

    def run(self, argv, **options):
        return run(self.command(argv), **options)

    def set_kernel(self, key, value):
        """Writes /proc/sys/net/KEY as this namespace sees it."""
        with self.entered():
            with open(f'/proc/sys/net/{key}', 'w', encoding='ascii') as out:
                out.write(str(value))

    @contextlib.contextmanager
    def entered(self):
        """This thread is inside: sockets opened now belong to the namespace for good."""
        here = os.open('/proc/thread-self/ns/net', os.O_RDONLY | os.O_CLOEXEC)
        there = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            _set_namespace(there)
            try:
                yield
            finally:
                _set_namespace(here)
        finally:
            os.close(there)
            os.close(here)


def _set_namespace(descriptor):
    if _libc.setns(descriptor, _CLONE_NEWNET) != 0:
        raise LabError(f'setns: {os.strerror(ctypes.get_errno())}')


def connect(left, left_name, right, right_name, mtu):
    """A veth pair between two namespaces, up, without offloads. It goes when either namespace goes."""
    run(['ip', 'link', 'add', left_name, 'netns', left.name, 'mtu', mtu, 'type', 'veth',
         'peer', 'name', right_name, 'netns', right.name, 'mtu', mtu])
    for namespace, name in ((left, left_name), (right, right_name)):
        namespace.run(['ethtool', '-K', name, *OFFLOADS_OFF])
    for namespace, name in ((left, left_name), (right, right_name)):
        namespace.run(['ip', 'link', 'set', name, 'up'])


class PassProgram:
    """pass.bpf.c, compiled and pinned once for a scene. Frames that XDP redirects arrive only at ends that have one.

    name  of another program that passes what it does not drop: last_hop
    """

    def __init__(self, directory, bpf_directory, name='pass'):
        source = os.path.join(os.path.dirname(__file__), f'{name}.bpf.c')
        compiled = os.path.join(directory, f'{name}.o')
        self.pinned = os.path.join(bpf_directory, name)
        run(['clang-19', '-target', 'bpf', '-O2', '-c', source, '-o', compiled])
        run(['bpftool', 'prog', 'load', compiled, self.pinned, 'type', 'xdp'])

    def attach(self, namespace, interface):
        namespace.run(['bpftool', 'net', 'attach', 'xdpdrv', 'pinned', self.pinned, 'dev', interface])


def silence(namespace, interface):
    """The kernel itself says nothing on this port: no IPv6, no ARP."""
    namespace.set_kernel(f'ipv6/conf/{interface}/disable_ipv6', 1)
    namespace.run(['ip', 'link', 'set', interface, 'arp', 'off'])


def give_addresses(namespace, interface, ipv4, ipv6):
    namespace.run(['ip', 'address', 'add', f'{ipv4}/24', 'dev', interface])
    namespace.run(['ip', 'address', 'add', f'{ipv6}/64', 'dev', interface, 'nodad'])
