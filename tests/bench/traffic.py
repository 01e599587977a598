# SPDX-License-Identifier: Apache-2.0
"""Frames for benches of whole programs: an ISP's mix of traffic in two captures, one for each port of a pair.

Both captures have the same number of frames, and the n-th frames of both stand at about the same place of the mix, so that a
program which takes as many from one port as from the other sees each connection in its order. The side with fewer frames
is filled up with acknowledgements that its streams sent before.
"""

import os
import struct
import subprocess
import sys

_ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), '..', '..'))
sys.path.insert(0, os.path.join(_ROOT, 'tests', 'corpora'))
from made_captures import Flow, client_hello, dns_query, ethernet, http  # noqa: E402

_HEADER = struct.Struct('<IHHiIII')
_SUBSCRIBERS_MAC = b'\x02\0\0\0\0\x01'
_BULK_FRAMES = 24
_ACK_FRAME = 60


def make_names(path, count):
    """A list of made-up names; the mix asks for some of the first thousand."""
    with open(path, 'w', encoding='utf-8') as out:
        out.writelines(f'name-{number:x}.part-{number % 977}.example.test\n' for number in range(count))


def make_mix(folder, flows, names):
    """Returns the paths of the subscriber's and the transit side's capture."""
    shared = os.environ.get('PARAPET_SHARED', os.path.join(_ROOT, '..', 'shared'))
    generator = os.path.join(os.path.realpath(shared), 'tools', 'traffic_mix.py')
    if os.path.exists(generator):
        mix = os.path.join(folder, 'mix.pcap')
        subprocess.run(['/usr/bin/python3', '-B', generator, mix, str(flows), names], check=True, stdout=subprocess.DEVNULL,
                       env=dict(os.environ, PYTHONHASHSEED='1'))
        frames = list(_read(mix))
    else:
        frames = list(_own_mix(flows))
    return _split(folder, frames)


def _read(path):
    """(whether the subscriber sent it, frame)"""
    with open(path, 'rb') as capture:
        content = capture.read()
    order = '<' if content[:4] == b'\xd4\xc3\xb2\xa1' else '>'
    at = 24
    while at + 16 <= len(content):
        length = struct.unpack(order + 'I', content[at + 8:at + 12])[0]
        frame = content[at + 16:at + 16 + length]
        yield frame[6:12] == _SUBSCRIBERS_MAC, frame
        at += 16 + length


def _own_mix(flows):
    """A plain mix where there is no shared generator: HTTP, TLS over two segments, DNS; bulk behind the first two."""
    for number in range(flows):
        name = f'www-{number}.benign.example.test'
        flow = Flow(1024 + number % 60000, (80, 443, 53)[number % 3])
        if number % 3 == 2:
            flow.datagram(dns_query(name))
            sent_by_server = [False]
        else:
            request = http(name, '/page') if number % 3 == 0 else client_hello(name, padding=1500)
            flow.open().send(request, (1400,) if len(request) > 1400 else ())
            sent_by_server = [False, True, False] + [False] * (len(flow.packets) - 4) + [True]
            for _ in range(_BULK_FRAMES):
                flow.answer(bytes(1400))
                sent_by_server.append(True)
        for from_server, packet in zip(sent_by_server, flow.packets):
            yield not from_server, ethernet(packet)


def _split(folder, frames):
    sides = {True: [], False: []}
    padding = {True: None, False: None}
    for from_subscriber, frame in frames:
        mine, other = sides[from_subscriber], sides[not from_subscriber]
        mine.append(frame)
        if len(frame) <= _ACK_FRAME:
            padding[from_subscriber] = frame
        filler = padding[not from_subscriber]
        if filler is not None and len(other) < len(mine):
            other.append(filler)
    count = min(len(side) for side in sides.values())
    paths = []
    for from_subscriber, name in ((True, 'subscriber.pcap'), (False, 'transit.pcap')):
        paths.append(os.path.join(folder, name))
        with open(paths[-1], 'wb') as out:
            out.write(_HEADER.pack(0xa1b2c3d4, 2, 4, 0, 0, 262144, 1))
            for frame in sides[from_subscriber][:count]:
                out.write(struct.pack('<IIII', 0, 0, len(frame), len(frame)) + frame)
    return paths, count, sum(len(frame) for side in sides.values() for frame in side[:count]) / (2 * count)
