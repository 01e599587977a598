# SPDX-License-Identifier: Apache-2.0
"""The messages that transport tricks carry, and how each is brought to its answer."""

import contextlib

from lab.catalogue import Case, Seen
from lab.ends import HTTP, HTTPS
from lab.tls13 import ClientHandshake, TlsOverStream, vector


class Message:
    """The first bytes of a client, with the place of the name in them. decoy: as long, and asks for nothing listed."""

    def __init__(self, name, data):
        self.data = data
        self.decoy = data.replace(name.host.encode(), name.benign.encode())
        self.start = max(data.find(name.host.encode()), 0)  # a name that records cut has no place of its own
        self.end = self.start + len(name.host)
        self.middle = self.start + len(name.token) + 4  # in the label by which the decoy differs, before and behind


def http_request(name):
    return f'GET / HTTP/1.1\r\nHost: {name.host}\r\nUser-Agent: lab\r\nAccept: */*\r\n\r\n'.encode()


def record(data, version=b'\3\1'):
    return b'\x16' + version + vector(2, data)


def http_answer(stream, name, timeout_s):
    """Awaits one response; whether it names the host (the token alone for a spared name: a decoy's is as good)."""
    stream.until(lambda: b'served ' in stream.received and stream.received.endswith(b'\n'), timeout_s)
    return (name.host if name.listed else name.token).encode() in stream.received


def patience(bench, name):
    """Seconds until a client gives up; what is listed may be met with silence."""
    return 1.0 if name.listed else bench.patience_s


def https_request(name):
    return f'GET / HTTP/1.1\r\nHost: {name.host}\r\nConnection: close\r\n\r\n'.encode()


@contextlib.contextmanager
def raw_stream(bench, port, ipv6, back=None, **options):
    """A stream on wires of its own. back: the interface that answers come by, where it is another one."""
    with contextlib.ExitStack() as undo:
        wire = undo.enter_context(bench.wire())
        if back is not None:
            options['back'] = undo.enter_context(bench.wire(back))
        yield bench.stream(wire, port, ipv6, **options)


def ask_http(bench, name, send, ipv6=False, port=HTTP, opening=None, **options):
    """send(stream, message) sends the request its way. opening: words of RawStream.open from (stream, message)."""
    with raw_stream(bench, port, ipv6, **options) as stream:
        message = Message(name, http_request(name))
        if not stream.open(**(opening(stream, message) if opening else {})):
            return Seen(False, note='no handshake')
        send(stream, message)
        stream.written = stream.written or message.data
        answered = http_answer(stream, name, patience(bench, name))
        stream.abort()
        return Seen(answered, stream.over)


def ask_tls(bench, name, send, ipv6=False, port=HTTPS, opening=None, handshake=None, first=None, second_names=None,
            **options):
    """As ask_http. first: the bytes of the hello's records, made of the handshake message; default: one record."""
    with raw_stream(bench, port, ipv6, **options) as stream:
        handshake = handshake or ClientHandshake(name.host)
        message = Message(name, (first or record)(handshake.hello))
        if not stream.open(**(opening(stream, message) if opening else {})):
            return Seen(False, note='no handshake')
        send(stream, message)
        stream.written = stream.written or message.data
        tls = TlsOverStream(stream, handshake, second_names)
        answered = (tls.connect(patience(bench, name)) and
                    tls.exchange(https_request(name), b'\r\n\r\n', patience(bench, name)))
        stream.abort()
        return Seen(answered, stream.over or tls.alert)


def over_messages(row, title, send, kinds=('http', 'tls'), families=(False, True), rule='', slow=False, **options):
    """The cases of one transport trick: each kind of message over each family."""
    asks = {'http': ask_http, 'tls': ask_tls}
    for kind in kinds:
        for ipv6 in families:
            def ask(bench, name, kind=kind, ipv6=ipv6):
                return asks[kind](bench, name, send, ipv6, **options)
            yield Case(row, f'{title}, {kind} over {"IPv6" if ipv6 else "IPv4"}', ask, rule, slow)
