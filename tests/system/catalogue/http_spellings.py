# SPDX-License-Identifier: Apache-2.0
"""Rows H: HTTP/1 requests as no browser writes them, for nginx, Apache and Python's http.server."""

from lab.catalogue import Case, Seen
from lab.ends import APACHE, HTTP, HTTP_ELSEWHERE, PYTHON

from .messages import patience

ENDS = {'nginx': HTTP, 'Apache': APACHE, 'http.server': PYTHON}
ALL = tuple(ENDS)
PAGE, SIBLING = '/stop/this.html', '/stop/that.html'  # one is listed as a URL, the other is not
PAGES = 'pages.example.test'


def send_parts(bench, name, parts, port, answers, ipv6=False, sizes=None):
    """Sends each part when every earlier one was answered. answers: how many are awaited in all. sizes: of the segments."""
    with bench.wire() as wire:
        stream = bench.stream(wire, port, ipv6)
        if not stream.open():
            return Seen(False, note='no handshake')
        stream.mss = sizes or stream.mss
        first = answers - len(parts) + 1
        for index, part in enumerate(parts):
            stream.write(part)
            stream.until(lambda index=index: stream.received.count(b'served') >= first + index, patience(bench, name))
        answered = stream.received.count(b'served') >= answers
        stream.abort()
        return Seen(answered, stream.over)


def filled(text, name):
    """The text with the names in it, as bytes."""
    return (text.replace('{host}', name.host).replace('{HOST}', name.host.upper()).replace('{benign}', name.benign)
            .replace('{token}', name.token).replace('{page}', PAGE if name.listed else SIBLING)
            .replace('{MiXed}', ''.join(letter.upper() if at % 2 else letter for at, letter in enumerate(name.host)))
            .encode('latin-1'))


def spelled(row, title, *texts, ends=ALL, answers=None, by_token=False, blocks=True, families=(False,), port=None):
    """Cases of one spelling. by_token: the log names the request by its X-Case field, not by its host."""
    for end in ends:
        for ipv6 in families:
            def ask(bench, name, end=end, ipv6=ipv6):
                if by_token:
                    name.wanted = name.token
                parts = [filled(text, name) for text in texts]
                return send_parts(bench, name, parts, port or ENDS[end], answers or len(texts), ipv6)
            yield Case(row, f'{title}, {end}{" over IPv6" if ipv6 else ""}', ask, blocks=blocks)


def get(fields='Host: {host}\r\n', target='/', version=' HTTP/1.1', method='GET'):
    return f'{method} {target}{version}\r\n{fields}\r\n'


BENIGN = get('Host: {benign}\r\n')
PLAIN = get()
_OFFER = get('Host: {benign}\r\nConnection: Upgrade\r\nUpgrade: {what}\r\n')


def host_fields():
    """H1..H3, H6, H8: how the Host field is written."""
    for row, title, fields in (
            ('H1', 'small field name', 'host: {host}\r\n'), ('H1', 'capital field name', 'HOST: {host}\r\n'),
            ('H1', 'mixed field name', 'hOsT: {host}\r\n'), ('H1', 'capital value', 'Host: {HOST}\r\n'),
            ('H1', 'mixed value', 'Host: {MiXed}\r\n'), ('H1', 'closing dot', 'Host: {host}.\r\n'),
            ('H1', 'port 80', 'Host: {host}:80\r\n'), ('H1', 'an empty port', 'Host: {host}:\r\n'),
            ('H1', 'tab behind the value', 'Host: {host}\t\r\n'),
            ('H1', 'closing dot and port', 'Host: {host}.:80\r\n'),
            ('H2', 'no blank', 'Host:{host}\r\n'), ('H2', 'a tab', 'Host:\t{host}\r\n'),
            ('H2', 'many blanks', 'Host:     {host}     \r\n'), ('H2', 'tabs and blanks', 'Host: \t \t{host}\r\n'),
            ('H3', 'a blank before the colon', 'Host : {host}\r\n'),
            ('H3', 'a tab before the colon', 'Host\t: {host}\r\n'),
            ('H3', 'a blank before the field', 'X-A: 1\r\n Host: {host}\r\nHost: {benign}\r\n'),
            ('H6', 'folded', 'Host:\r\n {host}\r\n'), ('H6', 'folded with a tab', 'Host:\r\n\t{host}\r\n'),
            ('H6', 'a folded field before', 'X-A: a\r\n b\r\nHost: {host}\r\n'),
            ('H8', 'a benign Host first', 'Host: {benign}\r\nHost: {host}\r\n'),
            ('H8', 'a benign Host second', 'Host: {host}\r\nHost: {benign}\r\n'),
            ('H8', 'an empty Host first', 'Host:\r\nHost: {host}\r\n'),
            ('H15', 'a user before the host', 'Host: user@{host}\r\n'),
            ('H17', 'asks for a WebSocket', 'Host: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n'
             'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n'),
            ('H18', 'behind 8 KiB of fields', 'X-Pad: ' + 'a' * 8000 + '\r\nHost: {host}\r\n'),
            ('T17', 'behind 60 KiB in one field', 'X-Pad: ' + 'a' * 60000 + '\r\nHost: {host}\r\n'),
            ('H18', 'behind 90 fields', ''.join(f'X-{number}: {number}\r\n' for number in range(90)) + 'Host: {host}\r\n'),
    ):
        yield from spelled(row, f'Host, {title}', get(fields))
    yield from spelled('H1', 'Host, plain', PLAIN, families=(False, True))


def start_lines():
    """H4, H5, H7, H9, H10, H15: how the start line is written."""
    host = 'Host: {host}\r\n'
    for row, title, text in (
            ('H4', 'two blanks behind the method', get(target=' /')),
            ('H4', 'a tab behind the method', f'GET\t/ HTTP/1.1\r\n{host}\r\n'),
            ('H4', 'two blanks before the version', get(version='  HTTP/1.1')),
            ('H4', 'a line end before', '\r\n' + PLAIN),
            ('H4', 'LF before', '\n' + PLAIN), ('H4', 'four line ends before', '\r\n' * 4 + PLAIN),
            ('H4', 'a blank before', ' ' + PLAIN), ('H4', 'a blank behind the version', get(version=' HTTP/1.1 ')),
            ('H5', 'LF line ends', PLAIN.replace('\r\n', '\n')),
            ('H5', 'LF behind the start line alone', f'GET / HTTP/1.1\n{host}\r\n'),
            ('H5', 'CR CR LF line ends', PLAIN.replace('\r\n', '\r\r\n')),
            ('H5', 'bare CR line ends', PLAIN.replace('\r\n', '\r') + '\r\n\r\n'),
            ('H7', 'absolute target', get(target='http://{host}/')),
            ('H7', 'absolute target against a benign Host', get('Host: {benign}\r\n', 'http://{host}/')),
            ('H7', 'absolute target in capitals', get('Host: {benign}\r\n', 'HTTP://{HOST}/')),
            ('H7', 'absolute target with port', get('Host: {benign}\r\n', 'http://{host}:80/')),
            ('H7', 'absolute target alone, HTTP/1.0', get('', 'http://{host}/', ' HTTP/1.0')),
            ('H7', 'absolute target without a path', get('Host: {benign}\r\n', 'http://{host}')),
            ('H9', 'HTTP/1.0', get(version=' HTTP/1.0')), ('H9', 'HTTP/1.9', get(version=' HTTP/1.9')),
            ('H9', 'HTTP/0.9 with an absolute target', 'GET http://{host}/\r\n'),
            ('H9', 'no version, with a Host', f'GET /\r\n{host}\r\n'),
            ('H9', 'a version of leading zeros', get(version=' HTTP/01.1')),
            ('H9', 'small letters in the version', get(version=' http/1.1')),
            ('H9', 'HTP/1.1', get(version=' HTP/1.1')),
            ('H10', 'OPTIONS', get(method='OPTIONS')),
            ('H10', 'POST', get(host + 'Content-Length: 4\r\n', method='POST') + 'a=bc'),
            ('H10', 'a method nobody knows', get(method='FROBNICATE')), ('H10', 'a small method', get(method='get')),
            ('H10', 'PROPFIND', get(method='PROPFIND')),
            ('H10', 'PUT', get(host + 'Content-Length: 2\r\n', method='PUT') + 'ab'),
            ('H15', 'a user in the target', get('Host: {benign}\r\n', 'http://user:secret@{host}/')),
    ):
        yield from spelled(row, f'start line, {title}', text)


def later_requests():
    """H12, H13, T18: a listed request behind a benign one on the same connection."""
    for row, title, texts, answers in (
            ('T18', 'the second request', (BENIGN, PLAIN), 2),
            ('T18', 'the fourth request', (BENIGN, BENIGN, BENIGN, PLAIN), 4),
            ('H12', 'behind a benign one in one segment', (BENIGN + PLAIN,), 2),
            ('H12', 'behind nine in one segment', (BENIGN * 9 + PLAIN,), 10),
            ('H12', 'behind a line end too many', (BENIGN + '\r\n' + PLAIN,), 2),
            ('H17', 'behind a refused upgrade', (_OFFER.replace('{what}', 'websocket'), PLAIN), 2),
            ('H16', 'behind an offer of h2c that is not taken', (_OFFER.replace('{what}', 'h2c-99'), PLAIN), 2)):
        yield from spelled(row, title, *texts, answers=answers)
    chunked = 'Transfer-Encoding: chunked\r\n'
    for row, title, fields, body in (
            ('H12', 'a body', 'Content-Length: 10\r\n', '0123456789'),
            ('H12', 'a body of 100 KiB', 'Content-Length: 100000\r\n', 'x' * 100000),
            ('H12', 'chunks', chunked, '5\r\nabcde\r\nA\r\n0123456789\r\n0\r\n\r\n'),
            ('H13', 'chunks with extensions', chunked, '5;a=b;c\r\nabcde\r\n0;x\r\n\r\n'),
            ('H13', 'chunks with a trailer', chunked, '5\r\nabcde\r\n0\r\nX-T: 1\r\n\r\n'),
            ('H13', 'sizes with zeros', chunked, '00005\r\nabcde\r\n000\r\n\r\n'),
            ('H13', 'length and chunks', 'Content-Length: 6\r\n' + chunked, '0\r\n\r\n'),
            ('H13', 'two equal lengths', 'Content-Length: 3\r\nContent-Length: 3\r\n', 'abc'),
            ('H13', 'a length with a plus', 'Content-Length: +3\r\n', 'abc'),
            ('H13', 'a coding in capitals', 'Transfer-Encoding: CHUNKED\r\n', '0\r\n\r\n'),
            ('H13', 'identity and chunked', 'Transfer-Encoding: identity\r\n' + chunked, '0\r\n\r\n')):
        request = get('Host: {benign}\r\n' + fields, method='POST') + body + PLAIN
        yield from spelled(row, f'behind {title}', request, answers=2)


def urls():
    """H14: a listed URL in other letters; its sibling is the spared one."""
    fields = f'Host: {PAGES}\r\nX-Case: {{token}}\r\n'
    for title, change in (
            ('plain', lambda page: page), ('a letter encoded', lambda page: page.replace('i', '%69')),
            ('small hex digits', lambda page: page.replace('o', '%6f')),
            ('a dot segment', lambda page: page.replace('/stop', '/./stop')),
            ('dot dot', lambda page: page.replace('/stop', '/other/../stop')),
            ('encoded dots', lambda page: page.replace('/stop', '/other/%2e%2E/stop')),
            ('two slashes', lambda page: page.replace('/stop/', '/stop//')), ('a fragment', lambda page: page + '#top'),
            ('all letters encoded', lambda page: ''.join(
                letter if letter == '/' else f'%{ord(letter):02X}' for letter in page)),
    ):
        for end in ALL:
            def ask(bench, name, end=end, change=change):
                name.wanted = name.token
                target = change(PAGE if name.listed else SIBLING)
                return send_parts(bench, name, [filled(get(fields, target), name)], ENDS[end], 1)
            yield Case('H14', f'URL, {title}, {end}', ask)
    target = get('Host: {benign}\r\nX-Case: {token}\r\n', f'http://{PAGES}{{page}}')
    yield from spelled('H14', 'URL behind an absolute target', target, by_token=True)


def harmless():
    """H20 and look-alikes: the listed name stands where nobody asks for it."""
    mark = 'Host: {benign}\r\nX-Case: {token}\r\n'
    for title, text in (
            ('in Referer', get(mark + 'Referer: http://{host}/\r\n')), ('in a query', get(mark, '/?u=http://{host}/')),
            ('in a path', get(mark, '/http://{host}/')), ('in a cookie', get(mark + 'Cookie: h={host}\r\n')),
            ('in X-Forwarded-Host', get(mark + 'X-Forwarded-Host: {host}\r\n')),
            ('in a request in a body', get(mark + 'Content-Length: 52\r\n', method='POST') + PLAIN),
            ('as the start of a longer name', get('Host: {host}.benign.example.test\r\nX-Case: {token}\r\n')),
            ('as the end of a longer label', get('Host: {token}.un' + 'listed.example.test\r\nX-Case: {token}\r\n'))):
        yield from spelled('H20', f'harmless: the name {title}', text, ends=('nginx', 'Apache'), by_token=True, blocks=False)


def cases():
    yield from host_fields()
    yield from start_lines()
    yield from later_requests()
    yield from urls()
    yield from harmless()
    yield from spelled('T19', 'HTTP on port 7001', PLAIN, ends=('nginx',), port=HTTP_ELSEWHERE, families=(False, True))
