# SPDX-License-Identifier: Apache-2.0
"""Row T15: the server's answers take another way, so that the edge sees what the client says and nothing else."""

from lab.namespaces import connect
from lab.raw_tcp import introduce

from .messages import over_messages
from .tcp_tricks import cut_at, send_each, steps, whole

ADDRESSES = ('192.0.2.13', '2001:db8::13')


def lay_second_way(scene):
    """A wire from the server to the client beside the edge, for answers to ADDRESSES."""
    connect(scene.client, 'c1', scene.server, 's1', scene.mtu)
    introduce(scene, ADDRESSES, interface='s1')
    for address in ADDRESSES:
        scene.server.run(['ip', 'route', 'add', address, 'dev', 's1'])


def cases():
    for title, send in (('one segment', whole), ('cut in the name', cut_at('middle')),
                        ('segments of 7 bytes', lambda stream, message: send_each(stream, steps(message, 7)))):
        yield from over_messages('T15', f'only the client is seen, {title}', send, sources=ADDRESSES, back='c1')
