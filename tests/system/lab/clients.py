# SPDX-License-Identifier: Apache-2.0
"""The clients in front of the edge: curl, dig, and plain sockets where the bytes must be ours."""

import contextlib
import socket
import time


class Fetched:
    """What one curl saw. status 0: no answer. time_s: from start to end of the request."""

    def __init__(self, status, time_s, exit_code, body=''):
        self.status = status
        self.time_s = time_s
        self.exit_code = exit_code
        self.body = body

    @property
    def served(self):
        return self.status == 200

    def describe(self):
        if self.status:
            return f'HTTP {self.status}'
        return {7: 'refused', 28: 'no answer', 35: 'reset in the TLS handshake', 52: 'closed', 56: 'reset'}.get(
            self.exit_code, f'curl exit {self.exit_code}')


class Client:
    """A subscriber's machine."""

    def __init__(self, namespace, server_addresses, authority):
        self.namespace = namespace
        self.server_addresses = server_addresses
        self.authority = authority

    def get(self, *urls, ipv6=False, timeout_s=3, source=None, source_port=None):
        """One curl, so one connection where the URLs share their host. Returns a Fetched for each URL."""
        address = f'[{self.server_addresses[1]}]' if ipv6 else self.server_addresses[0]
        words = ['curl', '-sS', '--max-time', timeout_s, '--cacert', self.authority.certificate, '--noproxy', '*',
                 '--resolve', f'*:80:{address}', '--resolve', f'*:443:{address}', '--http1.1', '--path-as-is']
        if source:
            words += ['--interface', source]
        if source_port:
            words += ['--local-port', source_port]
        for url in urls:
            words += ['-o', '/dev/null', url]
        words += ['-w', '%{http_code} %{time_total} %{exitcode}\\n']
        done = self.namespace.run(words, check=False, timeout_s=timeout_s * len(urls) + 10)
        seen = [line.split() for line in done.stdout.splitlines()]
        return [Fetched(int(each[0]), float(each[1]), int(each[2])) for each in seen]

    def get_one(self, url, **options):
        return self.get(url, **options)[0]

    def resolve(self, name, kind='A', timeout_s=1, ipv6=False):
        """Asks the DNS server behind the edge. Returns (answers or None where none came, seconds)."""
        began = time.monotonic()
        done = self.namespace.run(['dig', f'@{self.server_addresses[1 if ipv6 else 0]}', '+tries=1',
                                   f'+timeout={timeout_s}', '+short', name, kind], check=False)
        answers = [line for line in done.stdout.splitlines() if line and not line.startswith(';')]
        return (answers if done.returncode == 0 else None), time.monotonic() - began

    def connect(self, port=80, ipv6=False, timeout_s=3, source=None, options=()):
        """A TCP connection through the edge; each send leaves at once (TCP_NODELAY)."""
        with self.namespace.entered():
            connection = socket.socket(socket.AF_INET6 if ipv6 else socket.AF_INET, socket.SOCK_STREAM)
        connection.settimeout(timeout_s)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for level, option, value in options:
            connection.setsockopt(level, option, value)
        if source:
            connection.bind(source)
        connection.connect((self.server_addresses[1 if ipv6 else 0], port))
        return connection


def read_response(connection):
    """One HTTP response with Content-Length. Returns its status, or 0 where the connection ended or fell silent."""
    buffer = b''
    with contextlib.suppress(OSError):
        while b'\r\n\r\n' not in buffer:
            more = connection.recv(4096)
            if not more:
                return 0
            buffer += more
        head, _, body = buffer.partition(b'\r\n\r\n')
        length = next((int(line.split(b':')[1]) for line in head.split(b'\r\n')
                       if line.lower().startswith(b'content-length:')), 0)
        while len(body) < length:
            more = connection.recv(4096)
            if not more:
                return 0
            body += more
        return int(head.split(b' ')[1])
    return 0
