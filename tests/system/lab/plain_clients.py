# SPDX-License-Identifier: Apache-2.0
"""Clients on the kernel's own sockets: what one sees of HTTP, TLS, DNS and QUIC where nothing but the path is odd."""

import contextlib
import socket
import ssl
import struct

from .ends import HTTP, HTTPS, QUIC
from .quic_client import QuicClient


def _connect(namespace, address, port, timeout_s):
    with namespace.entered():
        connection = socket.socket(socket.AF_INET6 if ':' in address else socket.AF_INET, socket.SOCK_STREAM)
    connection.settimeout(timeout_s)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    connection.connect((address, port))
    return connection


def _await(connection, wanted):
    """(wanted came, the server ended)"""
    received = b''
    try:
        while wanted not in received:
            more = connection.recv(4096)
            if not more:
                return False, True
            received += more
        return True, False
    except TimeoutError:
        return False, False
    except OSError:
        return False, True


def fetch(namespace, address, host, timeout_s, port=HTTP):
    with contextlib.closing(_connect(namespace, address, port, timeout_s)) as connection:
        connection.sendall(f'GET / HTTP/1.1\r\nHost: {host}\r\n\r\n'.encode())
        return _await(connection, b'served')


def fetch_tls(namespace, address, host, timeout_s, port=HTTPS):
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with contextlib.closing(_connect(namespace, address, port, timeout_s)) as connection:
        try:
            secured = context.wrap_socket(connection, server_hostname=host)
        except TimeoutError:
            return False, False
        except OSError:
            return False, True
        with secured:
            secured.sendall(f'GET / HTTP/1.1\r\nHost: {host}\r\n\r\n'.encode())
            return _await(secured, b'served')


class KernelDatagrams:
    """As RawDatagrams, on a socket of the kernel."""

    def __init__(self, namespace, address, port):
        with namespace.entered():
            self._socket = socket.socket(socket.AF_INET6 if ':' in address else socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.connect((address, port))

    def send(self, payload):
        self._socket.send(payload)

    def receive(self, timeout_s):
        self._socket.settimeout(timeout_s)
        try:
            return self._socket.recv(65536)
        except OSError:
            return None

    def close(self):
        self._socket.close()


def resolve(namespace, address, query, timeout_s):
    with contextlib.closing(KernelDatagrams(namespace, address, 53)) as datagrams:
        datagrams.send(query)
        answer = datagrams.receive(timeout_s)
        return bool(answer) and answer[3] & 15 == 0, False


def fetch_quic(namespace, address, host, timeout_s, flight):
    with contextlib.closing(KernelDatagrams(namespace, address, QUIC)) as datagrams:
        client = QuicClient(datagrams, host, flight)
        return client.run(timeout_s), client.closed
