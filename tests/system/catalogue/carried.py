# SPDX-License-Identifier: Apache-2.0
"""Row I10: plain requests of the kernel's own stacks in every carrier."""

from lab.carriers import CARRIERS
from lab.catalogue import Case, Seen
from lab.plain_clients import fetch, fetch_quic, fetch_tls, resolve
from lab.tunnel import inner_addresses

from .dns_queries import query
from .messages import patience
from .quic_flights import one_packet, whole


def ask_http(namespace, address, name, timeout_s):
    return fetch(namespace, address, name.host, timeout_s)


def ask_tls(namespace, address, name, timeout_s):
    return fetch_tls(namespace, address, name.host, timeout_s)


def ask_dns(namespace, address, name, timeout_s):
    return resolve(namespace, address, query(name.host), timeout_s)


def ask_quic(namespace, address, name, timeout_s):
    return fetch_quic(namespace, address, name.host, timeout_s, one_packet(whole))


def cases():
    for index, carrier in enumerate(CARRIERS):
        for kind, client in (('http', ask_http), ('tls', ask_tls), ('dns', ask_dns), ('quic', ask_quic)):
            for ipv6 in (False, True):
                def ask(bench, name, index=index, client=client, ipv6=ipv6):
                    address = inner_addresses(index, client=False)[ipv6]
                    try:
                        return Seen(*client(bench.scene.client, address, name, patience(bench, name)))
                    except OSError as error:
                        return Seen(False, note=str(error))
                yield Case('I10', f'{carrier}, {kind} over {"IPv6" if ipv6 else "IPv4"}', ask)
