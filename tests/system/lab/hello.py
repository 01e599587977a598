# SPDX-License-Identifier: Apache-2.0
"""First bytes of real clients: a ClientHello as OpenSSL writes it, an HTTP request as a browser would."""

import ssl


def client_hello(name):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    connection = context.wrap_bio(incoming, outgoing, server_hostname=name)
    try:
        connection.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


def over_records(hello, sizes):
    """The same handshake message, split over TLS records whose bodies have the given sizes (the last one repeats)."""
    body = hello[5:]
    records = b''
    position = 0
    for index in range(len(body)):
        size = sizes[min(index, len(sizes) - 1)]
        part = body[position:position + size]
        if not part:
            break
        records += hello[:3] + len(part).to_bytes(2, 'big') + part
        position += size
    return records


def http_request(host, target='/'):
    return (f'GET {target} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: lab\r\nAccept: text/html\r\n'
            f'Connection: keep-alive\r\n\r\n').encode()
