# SPDX-License-Identifier: Apache-2.0
"""Captures of our own making, with the truth about them: every link type, file format, carrier and protocol that is read."""

import ipaddress
import json
import os
import struct

from quic_initial import crypto_frame, initial

CLIENT4, SERVER4 = '192.0.2.10', '198.51.100.20'
CLIENT6, SERVER6 = '2001:db8::10', '2001:db8:1::20'
SYN, ACK, PSH, FIN = 0x02, 0x10, 0x08, 0x01


def checksum(data):
    if len(data) % 2:
        data += b'\0'
    total = sum(struct.unpack(f'!{len(data) // 2}H', data))
    while total > 0xffff:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def ip_packet(source, destination, protocol, segment):
    """segment: its checksum place holds zeros, at 16 (TCP) or 6 (UDP)."""
    source, destination = ipaddress.ip_address(source), ipaddress.ip_address(destination)
    at = 16 if protocol == 6 else 6
    pseudo = source.packed + destination.packed + struct.pack('!IHBB', len(segment), 0, 0, protocol)
    segment = segment[:at] + struct.pack('!H', checksum(pseudo + segment) or 0xffff) + segment[at + 2:]
    if source.version == 6:
        return struct.pack('!IHBB', 6 << 28, len(segment), protocol, 64) + source.packed + destination.packed + segment
    header = struct.pack('!BBHHHBBH4s4s', 0x45, 0, 20 + len(segment), 1, 0, 64, protocol, 0, source.packed,
                         destination.packed)
    return header[:10] + struct.pack('!H', checksum(header)) + header[12:] + segment


class Flow:
    """The packets of one TCP connection or UDP exchange, from IP on."""

    def __init__(self, port, server_port, version=4):
        self.ends = (CLIENT4, SERVER4) if version == 4 else (CLIENT6, SERVER6)
        self.ports = (port, server_port)
        self.sequence = [1000, 5000]
        self.packets = []

    def _tcp(self, from_server, flags, payload=b''):
        mine, other = (1, 0) if from_server else (0, 1)
        segment = struct.pack('!HHIIBBHHH', self.ports[mine], self.ports[other], self.sequence[mine],
                              self.sequence[other] if flags & ACK else 0, 5 << 4, flags, 65535, 0, 0) + payload
        self.packets.append(ip_packet(self.ends[mine], self.ends[other], 6, segment))
        self.sequence[mine] += len(payload) + bool(flags & (SYN | FIN))

    def open(self):
        self._tcp(False, SYN)
        self._tcp(True, SYN | ACK)
        self._tcp(False, ACK)
        return self

    def send(self, data, cuts=()):
        edges = [0, *cuts, len(data)]
        for begin, end in zip(edges, edges[1:]):
            self._tcp(False, ACK | PSH, data[begin:end])
        self._tcp(True, ACK)
        return self

    def send_backwards(self, data, cut):
        """The second part is on the wire before the first."""
        start = self.sequence[0]
        self.sequence[0] = start + cut
        self._tcp(False, ACK | PSH, data[cut:])
        self.sequence[0] = start
        self._tcp(False, ACK | PSH, data[:cut])
        self.sequence[0] = start + len(data)
        self._tcp(True, ACK)
        return self

    def answer(self, data):
        """Bytes from the server."""
        self._tcp(True, ACK, data)
        return self

    def datagrams(self, payloads):
        for payload in payloads:
            self.datagram(payload)
        return self

    def datagram(self, payload):
        segment = struct.pack('!HHHH', *self.ports, 8 + len(payload), 0) + payload
        self.packets.append(ip_packet(*self.ends, 17, segment))
        return self


def http(host, target='/'):
    return f'GET {target} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: made\r\n\r\n'.encode()


def hello_message(name, padding=0):
    server_name = struct.pack('!HBH', len(name) + 3, 0, len(name)) + name.encode()
    extensions = struct.pack('!HHHH', 10, 4, 2, 29) + struct.pack('!HH', 0, len(server_name)) + server_name
    if padding:
        extensions += struct.pack('!HH', 21, padding) + bytes(padding)
    body = b'\3\3' + bytes(range(32)) + b'\0' + struct.pack('!HH', 2, 0x1301) + b'\1\0'
    body += struct.pack('!H', len(extensions)) + extensions
    return b'\1' + struct.pack('!I', len(body))[1:] + body


def client_hello(name, padding=0):
    """In records of at most 400 bytes."""
    message = hello_message(name, padding)
    return b''.join(b'\x16\3\1' + struct.pack('!H', len(part)) + part
                    for part in (message[at:at + 400] for at in range(0, len(message), 400)))


def dns_query(name):
    labels = b''.join(bytes([len(label)]) + label.encode() for label in name.split('.'))
    return struct.pack('!6H', 7, 0x0100, 1, 0, 0, 0) + labels + b'\0' + struct.pack('!HH', 1, 1)


def dns_over_tcp(*names):
    return b''.join(struct.pack('!H', len(query)) + query for query in map(dns_query, names))


def http2(host, *targets):
    """Prior knowledge, SETTINGS, and a request for each target, nothing in its header block indexed. In HEADERS alone:
    dissectors do not follow CONTINUATION."""
    def frame(kind, flags, stream, payload):
        return struct.pack('!I', len(payload))[1:] + struct.pack('!BBI', kind, flags, stream) + payload
    stream = b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n' + frame(4, 0, 0, b'')
    ends = []
    for number, target in enumerate(targets):
        fields = ((':method', 'GET'), (':scheme', 'http'), (':path', target), (':authority', host))
        block = b''.join(b'\0' + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()
                         for name, value in fields)
        stream += frame(1, 5, 2 * number + 1, block)
        ends.append(len(stream))
    return stream, ends


def quic_hello(name, destination, order=(0, 1)):
    """Two datagrams with the halves of a hello; each half in two frames, the later one first."""
    message = hello_message(name, padding=900)
    half, quarter = len(message) // 2, len(message) // 4
    halves = [crypto_frame(quarter, message[quarter:half]) + crypto_frame(0, message[:quarter]),
              crypto_frame(half + quarter, message[half + quarter:]) + crypto_frame(half, message[half:half + quarter])]
    return [initial(destination, number, halves[number]) for number in order]


# Link layers and carriers: LINKTYPE number, and what stands before the IP packet
def _type_of(packet):
    return 0x86dd if packet[0] >> 4 == 6 else 0x0800


def tags(*vlans):
    return b''.join(struct.pack('!HH', 0x88a8 if number == 0 and len(vlans) > 1 else 0x8100, vlan)
                    for number, vlan in enumerate(vlans))


def ethernet(packet, before_type=b'', ether_type=None):
    return b'\2\0\0\0\0\2\2\0\0\0\0\1' + before_type + struct.pack('!H', ether_type or _type_of(packet)) + packet


def labels(count):
    return b''.join(struct.pack('!I', (16 + number) << 12 | (number == count - 1) << 8 | 60) for number in range(count))


def ppp(packet):
    return struct.pack('!H', 0x57 if _type_of(packet) == 0x86dd else 0x21) + packet


def pppoe(packet):
    return struct.pack('!BBHH', 0x11, 0, 0x1234, len(packet) + 2) + ppp(packet)


def snap(packet):
    llc = b'\xaa\xaa\3\0\0\0' + struct.pack('!H', _type_of(packet)) + packet
    return ethernet(llc, ether_type=len(llc))


def outer4(protocol, payload):
    header = struct.pack('!BBHHHBBH4s4s', 0x45, 0, 20 + len(payload), 7, 0, 64, protocol, 0, bytes((203, 0, 113, 1)),
                         bytes((203, 0, 113, 2)))
    return header[:10] + struct.pack('!H', checksum(header)) + header[12:] + payload


def outer6(protocol, payload):
    ends = ipaddress.ip_address('2001:db8:f::1').packed + ipaddress.ip_address('2001:db8:f::2').packed
    return struct.pack('!IHBB', 6 << 28, len(payload), protocol, 64) + ends + payload


def in_ip(outer, packet):
    return outer(41 if _type_of(packet) == 0x86dd else 4, packet)


def gre(packet, flags=0, options=b''):
    return outer4(47, struct.pack('!HH', flags, _type_of(packet)) + options + packet)


def over_udp(port, payload):
    return outer4(17, struct.pack('!HHHH', 40404, port, 8 + len(payload), 0) + payload)


def vxlan(packet):
    return over_udp(4789, struct.pack('!II', 8 << 24, 42 << 8) + ethernet(packet))


def gtp_u(packet, flags=0, options=b''):
    return over_udp(2152, struct.pack('!BBHI', 0x30 | flags, 255, len(options + packet), 0x1234) + options + packet)


LINKS = {
    'ethernet': (1, ethernet),
    'vlan': (1, lambda packet: ethernet(packet, tags(100))),
    'raw': (101, lambda packet: packet),
    'sll': (113, lambda packet: struct.pack('!HHH8sH', 0, 1, 6, b'\2' * 8, _type_of(packet)) + packet),
    'sll2': (276, lambda packet: struct.pack('!HHIHBB8s', _type_of(packet), 0, 1, 1, 0, 6, b'\2' * 8) + packet),
    'null': (0, lambda packet: struct.pack('<I', 24 if packet[0] >> 4 == 6 else 2) + packet),
    'loop': (108, lambda packet: struct.pack('!I', 24 if packet[0] >> 4 == 6 else 2) + packet),
    'ppp': (9, ppp),
    'ppp-hdlc': (50, lambda packet: b'\xff\3' + ppp(packet)),
    'ppp-ether': (51, pppoe),
}
CARRIERS = {
    'qinq': lambda packet: ethernet(packet, tags(200, 100)),
    'snap': snap,
    'mpls': lambda packet: ethernet(labels(1) + packet, ether_type=0x8847),
    'mpls3': lambda packet: ethernet(labels(3) + packet, ether_type=0x8847),
    'pseudowire': lambda packet: ethernet(labels(2) + bytes(4) + ethernet(packet), ether_type=0x8847),
    'pppoe': lambda packet: ethernet(pppoe(packet), ether_type=0x8864),
    'qinq-pppoe': lambda packet: ethernet(pppoe(packet), tags(200, 100), 0x8864),
    'gre': lambda packet: ethernet(gre(packet)),
    'gre-key': lambda packet: ethernet(gre(packet, 0x3000, bytes(8))),
    'ipip': lambda packet: ethernet(in_ip(outer4, packet)),
    '4in6': lambda packet: ethernet(in_ip(outer6, packet)),
    'vxlan': lambda packet: ethernet(vxlan(packet)),
    'gtpu': lambda packet: ethernet(gtp_u(packet)),
    'gtpu-vlan': lambda packet: ethernet(gtp_u(packet), tags(300)),
    'gtpu-ext': lambda packet: ethernet(gtp_u(packet, 4, b'\0\1\0\x85\1\0\x09\0')),
    'four': lambda packet: ethernet(labels(2) + in_ip(outer6, vxlan(gre(packet))), ether_type=0x8847),
}


def write_pcap(path, link_type, frames, order='<', nanoseconds=False):
    with open(path, 'wb') as out:
        out.write(struct.pack(order + 'IHHiIII', 0xa1b23c4d if nanoseconds else 0xa1b2c3d4, 2, 4, 0, 0, 262144, link_type))
        for number, frame in enumerate(frames):
            out.write(struct.pack(order + 'IIII', 1_700_000_000 + number // 1000, number % 1000, len(frame), len(frame)))
            out.write(frame)


def write_pcapng(path, link_type, frames, order='<'):
    def block(kind, body):
        body += bytes(-len(body) % 4)
        return struct.pack(order + 'II', kind, len(body) + 12) + body + struct.pack(order + 'I', len(body) + 12)
    with open(path, 'wb') as out:
        out.write(block(0x0a0d0d0a, struct.pack(order + 'IHHq', 0x1a2b3c4d, 1, 0, -1)))
        out.write(block(1, struct.pack(order + 'HHI', 147, 0, 0)))  # an interface of an unknown link type, never used
        out.write(block(1, struct.pack(order + 'HHI', link_type, 0, 0)))
        for number, frame in enumerate(frames):
            out.write(block(6, struct.pack(order + 'IIIII', 1, 0, number * 1000, len(frame), len(frame)) + frame))


def conversations(version):
    """[(flow, [(packet of the flow that completes it, protocol, host, target)])]"""
    name = f'v{version}.example.test'
    request = http(name, '/page?q=1')
    hello = client_hello(name, padding=900)
    both = http(name, '/first') + http(name, '/second')
    first = len(http(name, '/first'))
    h2, h2_ends = http2(name, '/one', '/two')
    first_query = len(dns_over_tcp(name))
    return [
        (Flow(40001, 80, version).open().send(request), [(4, 'http', name, '/page?q=1')]),
        (Flow(40002, 80, version).open().send(request, tuple(range(1, len(request), 7))),
         [(3 + len(range(1, len(request), 7)) + 1, 'http', name, '/page?q=1')]),
        (Flow(40003, 80, version).open().send_backwards(request, 20), [(5, 'http', name, '/page?q=1')]),
        (Flow(40004, 80, version).open().send(both, (first + 10,)), [(4, 'http', name, '/first'), (5, 'http', name, '/second')]),
        (Flow(40005, 443, version).open().send(hello), [(4, 'tls', name, None)]),
        (Flow(40006, 443, version).open().send(hello, (3, 70, 500)), [(7, 'tls', name, None)]),
        (Flow(40007, 53, version).datagram(dns_query(name)), [(1, 'dns', name, None)]),
        (Flow(40008, 53, version).open().send(dns_over_tcp(name, f'second.{name}'), (1, 20, first_query + 9)),
         [(6, 'dns', name, None), (7, 'dns', f'second.{name}', None)]),
        (Flow(40009, 80, version).open().send(h2, (24, h2_ends[0] - 3)), [(6, 'http', name, '/one'), (6, 'http', name, '/two')]),
        (Flow(40010, 443, version).datagrams(quic_hello(name, b'\1' * 8)), [(2, 'quic', name, None)]),
        (Flow(40011, 443, version).datagrams(quic_hello(name, b'\2' * 8, (1, 0))), [(2, 'quic', name, None)]),
    ]


def make_captures(folder):
    """Writes captures and truth.jsonl into the folder; returns the captures' paths."""
    paths, truth = [], []
    writers = [('.pcap', write_pcap, {}), ('.be.pcap', write_pcap, {'order': '>'}),
               ('.ns.pcap', write_pcap, {'nanoseconds': True}), ('.pcapng', write_pcapng, {}),
               ('.be.pcapng', write_pcapng, {'order': '>'})]
    carried = {name: (1, wrap) for name, wrap in CARRIERS.items()}
    for link, (link_type, wrap) in {**LINKS, **carried}.items():
        for version in (4, 6):
            frames, rows = [], []
            for flow, requests in conversations(version):
                rows += [{'frame': len(frames) + packet, 'src': flow.ends[0], 'sport': flow.ports[0], 'dst': flow.ends[1],
                          'dport': flow.ports[1], 'kind': protocol, 'host': host, 'target': target, 'scope': 'core'}
                         for packet, protocol, host, target in requests]
                frames += [wrap(packet) for packet in flow.packets]
            for ending, write, options in writers if link in LINKS else writers[:1]:
                name = f'{link}-v{version}{ending}'
                paths.append(os.path.join(folder, name))
                write(paths[-1], link_type, frames, **options)
                truth += [dict(row, pcap=name) for row in rows]
    with open(os.path.join(folder, 'truth.jsonl'), 'w', encoding='utf-8') as out:
        out.writelines(json.dumps(row) + '\n' for row in truth)
    return paths
