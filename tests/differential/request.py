# SPDX-License-Identifier: Apache-2.0
"""One request as both sides tell it: who asked whom for what, and the frame that completed it."""

import ipaddress
import re
from typing import NamedTuple

_ABSOLUTE = re.compile(r'[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#@]*@)?([^/?#]*)(.*)', re.DOTALL)
_PORT = re.compile(r':\d+$')


class Request(NamedTuple):
    protocol: str  # http (HTTP/2 too), tls, quic, dns
    source: str
    source_port: int
    destination: str
    destination_port: int
    host: str  # in lower case, without port and closing dot
    target: str  # HTTP alone, from the path on


class Seen(NamedTuple):
    request: Request
    frame: int  # from 1: the one that completed it


def make_request(protocol, ends, host, target):
    """ends: (source, port, destination, port). The name of an absolute-form target goes before the Host field (RFC 9112
    §3.2.2), and CONNECT has no path, however a side writes it down."""
    source, source_port, destination, destination_port = ends
    target = target or ''
    absolute = _ABSOLUTE.fullmatch(target)
    if absolute:
        host = absolute.group(1) or host
        target = absolute.group(2)
        target = target if target.startswith('/') else '/' + target
    elif protocol == 'http' and target[:1] not in ('/', '*'):
        host, target = target or host, ''
    host = _PORT.sub('', (host or '').lower())
    return Request(protocol, _address(source), source_port, _address(destination), destination_port,
                   host.removesuffix('.') or host, target if protocol == 'http' else '')


def _address(text):
    return str(ipaddress.ip_address(text))
