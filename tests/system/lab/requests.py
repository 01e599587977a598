# SPDX-License-Identifier: Apache-2.0
"""The requests of the standard scene: what each one should come to, and what client and server saw of it."""

import time

from .clients import read_response
from .processes import LabError, wait_until

SERVED = 'served'
STOPPED = 'stopped'
ANSWERED = 'answered'
NO_ANSWER = 'no answer'


class Row:
    """One request: what was asked, expected and seen."""

    def __init__(self, request, expected, seen, time_s):
        self.request = request
        self.expected = expected
        self.seen = seen
        self.time_s = time_s

    @property
    def ok(self):
        return self.seen.split(' (')[0] == self.expected

    def as_dict(self):
        return {'request': self.request, 'expected': self.expected, 'seen': self.seen,
                'time_ms': round(self.time_s * 1000, 1), 'ok': self.ok}


def _server_saw(scene, mark, count):
    """Requests in the server's log since mark. Where `count` are awaited, the log is given a moment to be written."""
    if count:
        try:
            wait_until(lambda: len(scene.web.served(mark)) >= count, 2, 'the access log')
        except LabError:
            pass
    return scene.web.served(mark)


def ask_web(scene, url, expected, ipv6=False, note=''):
    mark = scene.web.mark()
    fetched = scene.subscriber.get_one(url, ipv6=ipv6)
    at_server = _server_saw(scene, mark, 1 if fetched.served else 0)
    if fetched.served and at_server:
        seen = SERVED
    elif not fetched.served and not at_server:
        seen = f'{STOPPED} ({fetched.describe()})'
    else:
        seen = f'client: {fetched.describe()}, server: {len(at_server)} served'
    label = f'{url}{" over IPv6" if ipv6 else ""}{note and "  " + note}'
    return Row(label, expected, seen, fetched.time_s)


def ask_dns(scene, name, expected, kind='A', ipv6=False):
    answers, time_s = scene.subscriber.resolve(name, kind, ipv6=ipv6)
    seen = NO_ANSWER if answers is None else f'{ANSWERED} ({len(answers)})' if answers else 'empty answer'
    return Row(f'dns {kind} {name}{" over IPv6" if ipv6 else ""}', expected, seen, time_s)


def ask_on_one_connection(scene, requests):
    """Several HTTP requests, one behind the other's answer, on one connection. requests: (host, target, expected)."""
    rows = []
    connection = scene.subscriber.connect()
    with connection:
        for position, (host, target, expected) in enumerate(requests, 1):
            mark = scene.web.mark()
            began = time.monotonic()
            try:
                connection.sendall(f'GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n'.encode())
                status = read_response(connection)
            except OSError:
                status = 0
            time_s = time.monotonic() - began
            at_server = _server_saw(scene, mark, 1 if status == 200 else 0)
            if status == 200 and at_server:
                seen = SERVED
            elif status == 0 and not at_server:
                seen = STOPPED
            else:
                seen = f'client: HTTP {status}, server: {len(at_server)} served'
            rows.append(Row(f'http://{host}{target}  request {position} of one connection', expected, seen, time_s))
    return rows


def ask_standard(scene, filtered=True, show=lambda row: None):
    """All standard requests. filtered=False: a plain forwarder stands in the middle, so every row expects an answer."""
    def stop(row_expectation):
        if filtered:
            return row_expectation
        return ANSWERED if row_expectation == NO_ANSWER else SERVED

    rows = []

    def add(*more):
        for row in more:
            rows.append(row)
            show(row)

    add(ask_web(scene, 'http://open.example.test/', SERVED, note='same address as the listed ones'))
    add(ask_web(scene, 'http://listed.example.test/', stop(STOPPED), note='host'))
    add(ask_web(scene, 'http://sub.listed.example.test/', SERVED, note='below a host entry'))
    add(ask_web(scene, 'http://notlisted.example.test/', SERVED, note='ends like a listed name'))
    add(ask_web(scene, 'http://pages.example.test/stop/this.html', stop(STOPPED), note='URL'))
    add(ask_web(scene, 'http://pages.example.test/stop/other.html', SERVED, note='its sibling'))
    add(ask_web(scene, 'http://gallery.example.test/private/album/1.html', stop(STOPPED), note='prefix'))
    add(ask_web(scene, 'http://gallery.example.test/privateer', SERVED, note='no segment of it'))
    add(ask_web(scene, 'http://www.domain.example.test/', stop(STOPPED), note='below a domain entry'))
    add(ask_web(scene, 'https://open.example.test/', SERVED))
    add(ask_web(scene, 'https://listed.example.test/', stop(STOPPED), note='host'))
    add(ask_web(scene, 'https://sub.listed.example.test/', SERVED, note='below a host entry'))
    add(ask_web(scene, 'https://www.domain.example.test/', stop(STOPPED), note='below a domain entry'))
    add(ask_web(scene, 'https://pages.example.test/stop/this.html', SERVED, note='unreadable, never widened'))
    add(ask_web(scene, 'http://open.example.test/', SERVED, ipv6=True))
    add(ask_web(scene, 'http://listed.example.test/', stop(STOPPED), ipv6=True))
    add(ask_web(scene, 'https://listed.example.test/', stop(STOPPED), ipv6=True))
    add(ask_dns(scene, 'open.example.test', ANSWERED))
    add(ask_dns(scene, 'listed.example.test', stop(NO_ANSWER)))
    add(ask_dns(scene, 'sub.listed.example.test', ANSWERED))
    add(ask_dns(scene, 'www.domain.example.test', stop(NO_ANSWER)))
    add(ask_dns(scene, 'pages.example.test', ANSWERED))
    add(*ask_on_one_connection(scene, [
        ('open.example.test', '/first', SERVED),
        ('pages.example.test', '/stop/other.html', SERVED),
        ('pages.example.test', '/stop/this.html', stop(STOPPED))]))
    return rows
