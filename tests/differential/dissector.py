# SPDX-License-Identifier: Apache-2.0
"""The other reader: which requests tshark finds in a capture."""

import os
import subprocess
import xml.etree.ElementTree as ElementTree

from request import Seen, make_request

_DEADLINE_S = 900
_REQUESTS = ('http.request || http2.headers.method || tls.handshake.extensions_server_name || '
             '(dns.qry.name && dns.flags.response == 0 && dns.flags.opcode == 0)')
# As the packet's way reads: streams in order, the head of a request without its body, fragments put together.
_PREFERENCES = ('tcp.reassemble_out_of_order:TRUE', 'tcp.desegment_tcp_streams:TRUE', 'http.desegment_body:FALSE',
                'ip.defragment:TRUE', 'ipv6.defragment:TRUE', 'dns.desegment_dns_messages:TRUE')
_MARKS = ('tcp.analysis.retransmission', 'tcp.analysis.out_of_order', 'tcp.analysis.lost_segment',
          'tcp.analysis.ack_lost_segment', 'tcp.segment.overlap.conflict', 'ip.fragment.overlap', '_ws.malformed')
_ROOT = '<root>'
_PUSH_PROMISE = '5'  # a request that the server makes up


class DissectorFailed(Exception):
    pass


def version():
    """tshark's version, or None where there is none."""
    try:
        said = subprocess.run(['tshark', '--version'], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                              check=False)
    except FileNotFoundError:
        return None
    return said.stdout.split('\n', 1)[0]


def dissect(capture):
    """[Seen] of one capture, in the order of the frames. What tshark could read of a damaged capture counts."""
    argv = ['tshark', '-n', '-r', capture, '-Y', _REQUESTS, '-T', 'pdml']
    for preference in _PREFERENCES:
        argv += ['-o', preference]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                          env=dict(os.environ, LC_ALL='C.UTF-8')) as process:
        seen = []
        try:
            for _, element in ElementTree.iterparse(process.stdout):
                if element.tag == 'packet':
                    seen += _requests_of(element)
                    element.clear()
        except ElementTree.ParseError as error:
            process.kill()
            raise DissectorFailed(f'{capture}: {error}: {process.stderr.read().decode("utf-8", "replace")[-400:]}') from error
        process.stderr.read()
        process.wait(timeout=_DEADLINE_S)
    return seen


def describe_frames(capture, frames):
    """{frame: its layers and what tshark thinks odd about it}, for telling causes apart."""
    wanted = 'frame.number in {' + ', '.join(str(frame) for frame in sorted(frames)) + '}'
    argv = ['tshark', '-n', '-r', capture, '-Y', wanted, '-T', 'fields', '-e', 'frame.number', '-e', 'frame.protocols']
    for mark in _MARKS:
        argv += ['-e', mark]
    told = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, text=True,
                          timeout=_DEADLINE_S, check=False).stdout
    described = {}
    for line in told.splitlines():
        number, layers, *marks = line.split('\t')
        odd = [mark for mark, value in zip(_MARKS, marks) if value]
        described[int(number)] = ' '.join([layers.removeprefix('eth:ethertype:'), *odd])
    return described


def _requests_of(packet):
    """Walks the layers in their order; the last addresses and ports before a request are the innermost."""
    addresses, ports = None, None
    frame, found = 0, []
    for layer in packet.iterfind('proto'):
        name = layer.get('name')
        if name == 'frame':
            frame = int(_show(layer, 'frame.number'))
        elif name in ('ip', 'ipv6'):
            addresses = _show(layer, f'{name}.src'), _show(layer, f'{name}.dst')
        elif name in ('tcp', 'udp'):
            ports = int(_show(layer, f'{name}.srcport')), int(_show(layer, f'{name}.dstport'))
        elif addresses and ports:
            ends = (addresses[0], ports[0], addresses[1], ports[1])
            found += [make_request(protocol, ends, host, target) for protocol, host, target in _read_layer(name, layer)]
    return [Seen(request, frame) for request in found]


def _read_layer(name, layer):
    """(protocol, host, target) of each request in one layer."""
    if name == 'http' and layer.find('field[@name="http.request"]') is not None:
        uri = layer.find('.//field[@name="http.request.uri"]')
        yield 'http', _show(layer, 'http.host'), '' if uri is None else _text(uri.get('value'))
    elif name == 'http2':
        for frame in layer.iterfind('.//field[@name="http2.stream"]'):
            if _show(frame, 'http2.type') == _PUSH_PROMISE:
                continue
            for headers in frame.iter('field'):
                if headers.find('field[@name="http2.header"]') is not None:
                    yield from _read_header_block(headers)
    elif name in ('tls', 'quic'):
        for server_name in layer.iterfind('.//field[@name="tls.handshake.extensions_server_name"]'):
            yield name, _text(server_name.get('value')), None
    elif name == 'dns' and _show(layer, 'dns.flags.response') in ('0', 'False'):
        for question in layer.iterfind('.//field[@name="dns.qry.name"]'):
            yield 'dns', _dns_name(question), None


def _read_header_block(headers):
    fields = {}
    for header in headers.iterfind('field[@name="http2.header"]'):
        name, value = header.find('field[@name="http2.header.name"]'), header.find('field[@name="http2.header.value"]')
        if name is not None and value is not None:
            fields.setdefault(name.get('show'), value.get('show'))
    if ':method' in fields:
        yield 'http', fields.get(':authority', fields.get('host', '')), fields.get(':path', '')


def _dns_name(question):
    """As replay writes names: from the bytes of the message, unless they point elsewhere."""
    wire = bytes.fromhex(question.get('value', ''))
    labels, at = [], 0
    while at < len(wire) and 0 < wire[at] < 64:
        labels.append(wire[at + 1:at + 1 + wire[at]])
        at += 1 + wire[at]
    if at + 1 == len(wire) and wire[at] == 0:
        return '.'.join(''.join(_escape(byte) for byte in label) for label in labels) or _ROOT
    return question.get('show')


def _escape(byte):
    return chr(byte) if 0x20 < byte < 0x7f and byte != 0x5c else f'\\{byte:03d}'


def _show(layer, field):
    found = layer.find(f'.//field[@name="{field}"]')
    return '' if found is None else found.get('show', '')


def _text(value):
    return bytes.fromhex(value or '').decode('utf-8', 'replace')
