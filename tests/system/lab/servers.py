# SPDX-License-Identifier: Apache-2.0
"""The servers behind the edge: nginx with many names on one address, unbound for DNS."""

import os

from .processes import Daemon, wait_until

_NGINX = '''
user root;
master_process off;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 1024; }}
http {{
  log_format served '$msec $scheme $host $request_uri $status $connection $connection_requests';
  access_log {folder}/access.log served;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  keepalive_timeout 120; keepalive_requests 1000000; tcp_nodelay on; default_type text/plain;
  server_names_hash_bucket_size 128;
  ssl_certificate {certificate}; ssl_certificate_key {key};
  large_client_header_buffers 8 64k;
{servers}
}}
'''

_SERVER = '''  server {{
    listen {ipv4}:80{default}; listen [{ipv6}]:80{default};
    listen {ipv4}:443 ssl{default}; listen [{ipv6}]:443 ssl{default};
    server_name {name};
    location = /large.bin {{ root {folder}; }}
    location / {{ return 200 "served $host$request_uri\\n"; }}
  }}
'''


class WebServer:
    """nginx; what it served is read from its own log, never from what a client believes."""

    def __init__(self, folder, namespace, addresses, names, certificate, key):
        self.folder = folder
        os.makedirs(folder, exist_ok=True)
        self.access_log = os.path.join(folder, 'access.log')
        with open(os.path.join(folder, 'large.bin'), 'wb') as large:
            large.truncate(512 << 20)
        # the names of the requests stand in `names`; the first one answers for names nobody knows
        servers = ''.join(_SERVER.format(ipv4=addresses[0], ipv6=addresses[1], name=name, folder=folder,
                                         default=' default_server' if index == 0 else '')
                          for index, name in enumerate(names))
        path = os.path.join(folder, 'nginx.conf')
        with open(path, 'w', encoding='ascii') as out:
            out.write(_NGINX.format(folder=folder, certificate=certificate, key=key, servers=servers))
        self.daemon = Daemon('nginx', ['/usr/sbin/nginx', '-p', folder, '-c', path], f'{folder}/nginx.out', namespace)

    def wait_ready(self):
        wait_until(lambda: self.daemon.fail_if_dead() or os.path.exists(f'{self.folder}/nginx.pid'), 10, 'nginx')

    def mark(self):
        """A place in the log, for served()."""
        return os.path.getsize(self.access_log) if os.path.exists(self.access_log) else 0

    def served(self, mark=0):
        """Requests answered with 200 since the mark: (scheme, host, target, connection)."""
        if not os.path.exists(self.access_log):
            return []
        with open(self.access_log, 'rb') as log:
            log.seek(mark)
            lines = log.read().decode('ascii', 'replace').splitlines()
        words = [line.split(' ') for line in lines]
        return [(each[1], each[2], each[3], each[5]) for each in words if len(each) == 7 and each[4] == '200']


def unbound_configuration(folder, lines):
    """What every unbound of the lab has, and lines of its own."""
    own = ''.join(f'  {line}\n' for line in lines)
    return f'''server:
  directory: "{folder}"
  chroot: ""
  username: ""
  pidfile: ""
  do-daemonize: no
  use-syslog: no
  num-threads: 1
  access-control: 0.0.0.0/0 allow
  access-control: ::/0 allow
  module-config: "iterator"
{own}remote-control:
  control-enable: no
'''


class NameServer:
    """unbound with an address record for each name."""

    def __init__(self, folder, namespace, addresses, names):
        os.makedirs(folder, exist_ok=True)
        lines = ['verbosity: 0', *(f'interface: {address}' for address in addresses), 'local-zone: "test." static']
        for name in names:
            lines += [f'local-data: "{name}. 60 IN A {addresses[0]}"', f'local-data: "{name}. 60 IN AAAA {addresses[1]}"']
        path = os.path.join(folder, 'unbound.conf')
        with open(path, 'w', encoding='ascii') as out:
            out.write(unbound_configuration(folder, lines))
        self.daemon = Daemon('unbound', ['/usr/sbin/unbound', '-d', '-c', path], f'{folder}/unbound.out', namespace)
        self._namespace = namespace

    def wait_ready(self):
        def listening():
            self.daemon.fail_if_dead()
            return ':53 ' in self._namespace.run(['ss', '-lunH']).stdout
        wait_until(listening, 10, 'unbound', 0.05)
