# SPDX-License-Identifier: Apache-2.0
"""Primaries of policy zones: knotd, and one that misbehaves (tests/support/zone_source.py), which sign with the same key; and a
resolver that does what a policy zone says."""

import base64
import json
import os
import sys

from .processes import Daemon, run, wait_until
from .programs import ROOT, write_file
from .servers import unbound_configuration

ZONE = 'rpz.example.test'
KEY_NAME = 'transfer.example.test'
SECRET = base64.b64encode(b'a secret of two machines of the lab').decode()
OTHER_SECRET = base64.b64encode(b'a secret of two other machines of it').decode()
_ALGORITHM = 'hmac-sha256'

_KNOT = '''server:
    rundir: "{folder}"
    listen: 127.0.0.1@{port}
database:
    storage: "{folder}"
log:
  - target: stderr
    any: info
key:
  - id: {key}
    algorithm: {algorithm}
    secret: {secret}
acl:
  - id: followers
    key: {key}
    action: [transfer]
template:
  - id: default
    storage: "{folder}"
    zonefile-load: whole
    journal-content: none
zone:
  - domain: {zone}
    file: zone
    acl: followers
  - domain: test
    file: names
'''

# Every name has an address, so that a resolver has something to keep back.
_NAMES = '''$TTL 60
test. SOA ns.test. admin.test. 1 60 60 3600 60
test. NS ns.test.
*.test. A 192.0.2.80
'''


def key_line(name=KEY_NAME, secret=SECRET):
    """What a tsig_key_file holds."""
    return f'{_ALGORITHM}:{name}:{secret}\n'


def zone_text(serial, rules):
    """rules: lines of a zone file, their names below the zone's."""
    return '\n'.join([f'$ORIGIN {ZONE}.', '$TTL 60', f'@ SOA ns.example.test. admin.example.test. {serial} 60 60 3600 60',
                      '@ NS ns.example.test.', *rules, ''])


class Primary:
    """knotd on loopback with one policy zone, which it sends to whoever has the key."""

    def __init__(self, folder, port, namespace):
        os.makedirs(folder, exist_ok=True)
        self.folder, self.port, self.namespace = folder, port, namespace
        self.address = f'127.0.0.1:{port}'
        self.configuration = os.path.join(folder, 'knot.conf')
        write_file(self.configuration, _KNOT.format(folder=folder, port=port, zone=ZONE, key=KEY_NAME, algorithm=_ALGORITHM,
                                                    secret=SECRET))
        write_file(os.path.join(folder, 'names'), _NAMES)
        self.daemon = None

    def start(self):
        self.daemon = Daemon('knotd', ['/usr/sbin/knotd', '-c', self.configuration], f'{self.folder}/knot.out', self.namespace)
        wait_until(lambda: self.daemon.fail_if_dead() or self.serial() is not None, 10, 'knotd to have its zone', 0.05)

    def stop(self):
        if self.daemon is not None:
            self.daemon.stop()
            self.daemon = None

    def serial(self):
        """Of the zone as it answers for it now; None: it does not."""
        asked = self.namespace.run(['kdig', '+short', '+timeout=1', '+retry=0', '-p', self.port, '@127.0.0.1', ZONE, 'SOA'],
                                   check=False)
        words = asked.stdout.split()
        return int(words[2]) if asked.returncode == 0 and len(words) == 7 else None

    def publish(self, serial, rules):
        """The zone with this serial, also a lower one: a running knotd is asked to read it again."""
        write_file(os.path.join(self.folder, 'zone'), zone_text(serial, rules))
        if self.daemon is not None:
            run(['knotc', '-c', self.configuration, '-b', 'zone-reload', ZONE])
            wait_until(lambda: self.serial() == serial, 10, f'knotd to have serial {serial}', 0.05)


class PolicyResolver:
    """unbound on loopback with a policy zone from a file; it asks a Primary for names. Use in a `with`."""

    def __init__(self, folder, port, zone_file, primary):
        os.makedirs(folder, exist_ok=True)
        self.port, self.namespace = port, primary.namespace
        path = os.path.join(folder, 'unbound.conf')
        plain = unbound_configuration(folder, [f'interface: 127.0.0.1@{port}', 'do-not-query-localhost: no',
                                               'local-zone: "test." transparent'])
        write_file(path, plain.replace('"iterator"', '"respip iterator"') + f'''rpz:
  name: {ZONE}
  zonefile: "{zone_file}"
stub-zone:
  name: test
  stub-addr: 127.0.0.1@{primary.port}
''')
        self.daemon = Daemon('unbound', ['/usr/sbin/unbound', '-d', '-c', path], f'{folder}/unbound.out', self.namespace)

    def __enter__(self):
        wait_until(lambda: self.daemon.fail_if_dead() or self.status('ready.test'), 10, 'unbound', 0.05)
        return self

    def __exit__(self, *_exception):
        self.daemon.stop()

    def status(self, name):
        """NOERROR, NXDOMAIN, ...; None: no answer."""
        asked = self.namespace.run(['kdig', '+timeout=2', '+retry=1', '-p', self.port, '@127.0.0.1', name, 'A'], check=False)
        return asked.stdout.partition('status: ')[2].partition(';')[0] or None


class HostilePrimary:
    """A primary that answers as no honest one does."""

    def __init__(self, folder, port, namespace):
        os.makedirs(folder, exist_ok=True)
        self.folder = folder
        self.address = f'127.0.0.1:{port}'
        program = os.path.join(ROOT, 'tests', 'support', 'zone_source.py')
        self.daemon = Daemon('zone_source', [sys.executable, program, folder, '127.0.0.1', port, 'for-good'], f'{folder}.out',
                             namespace)
        wait_until(lambda: self.daemon.fail_if_dead() or f':{port} ' in namespace.run(['ss', '-ltnH']).stdout, 10,
                   'the hostile primary', 0.05)

    def publish(self, serial, rules, how='good'):
        """rules: pairs of a name below the zone's and the target of its CNAME."""
        zone = {'serial': serial, 'how': how, 'key': [_ALGORITHM, KEY_NAME, SECRET], 'rules': rules}
        write_file(os.path.join(self.folder, ZONE), json.dumps(zone))

    def stop(self):
        self.daemon.stop()
