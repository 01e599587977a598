# SPDX-License-Identifier: Apache-2.0
"""The edge's counter file, read by the contract itself: names and layout come from src/counters/*.h."""

import os
import re

from .processes import LabError

_SOURCE = os.path.join(os.path.dirname(__file__), '..', '..', '..', 'src', 'counters')
_FIELD = re.compile(r'^\s*(std::uint(8|16|32|64)_t|PortBlock) (\w+)((?:\[\w+\])*);', re.MULTILINE)


def _read_source(name):
    with open(os.path.join(_SOURCE, name), encoding='utf-8') as source:
        return source.read()


def _table(text, name):
    body = re.search(rf'#define {name}\(X\)(.*?)(?:\n\n|\Z)', text, re.DOTALL).group(1)
    return re.findall(r'X\((\w+)', body)


class _Layout:
    """Offsets of the fields of one struct: naturally aligned, as the header says."""

    def __init__(self, text, struct_name, constants, known):
        body = re.search(rf'struct (?:alignas\(64\) )?{struct_name} {{(.*?)\n}};', text, re.DOTALL).group(1)
        self.fields = {}
        offset = 0
        widest = 1
        for kind, bits, name, dimensions in _FIELD.findall(body):
            size = known[kind].size if kind in known else int(bits) // 8
            alignment = 8 if kind in known else size
            widest = max(widest, alignment)
            counts = [constants[each] if each in constants else int(each) for each in re.findall(r'\w+', dimensions)]
            offset = -(-offset // alignment) * alignment
            self.fields[name] = (offset, size, counts)
            total = size
            for count in counts:
                total *= count
            offset += total
        alignment = 64 if f'alignas(64) {struct_name}' in text else widest
        self.size = -(-offset // alignment) * alignment

    def read(self, data, base, name, *indices):
        offset, size, counts = self.fields[name]
        step = 0
        for index, count in zip(indices, counts, strict=True):
            step = step * count + index
        return int.from_bytes(data[base + offset + step * size:base + offset + (step + 1) * size], 'little')

    def read_bytes(self, data, base, name):
        offset, _, counts = self.fields[name]
        return data[base + offset:base + offset + counts[0]]


_names = _read_source('names.h')
_layout = _read_source('layout.h')
_constants = {name: int(value) for name, value in
              re.findall(r'inline constexpr std::size_t (\w+) = (\d+);', _layout)}
REASONS = _table(_names, 'PARAPET_FRAME_REASONS')
UNINSPECTED = _table(_names, 'PARAPET_UNINSPECTED_REASONS')
PROTOCOLS = _table(_names, 'PARAPET_PROTOCOLS')
VERDICTS = _table(_names, 'PARAPET_VERDICTS')
ACTIONS = _table(_names, 'PARAPET_ACTIONS')
_MAGIC = int(re.search(r'kMagic = (0x[0-9a-f]+);', _layout).group(1), 16)
_port = _Layout(_layout, 'PortBlock', _constants, {})
_header = _Layout(_layout, 'Header', _constants, {'PortBlock': _port})
_worker = _Layout(_layout, 'WorkerBlock', _constants, {})
SIDES = ('subscriber', 'transit')


class Reading:
    """One copy of the counter file."""

    def __init__(self, data):
        if len(data) < _header.size or self._head(data, 'magic') != _MAGIC:
            raise LabError('not a counter file')
        if self._head(data, 'header_size') != _header.size or self._head(data, 'worker_block_size') != _worker.size:
            raise LabError('the counter file has other sizes than src/counters/layout.h')
        self._data = data
        self.workers = [_header.size + index * _worker.size for index in range(self._head(data, 'worker_count'))]

    @staticmethod
    def _head(data, name, *indices):
        return _header.read(data, 0, name, *indices)

    def header(self, name, *indices):
        return self._head(self._data, name, *indices)

    def worker(self, index, name, *indices):
        return _worker.read(self._data, self.workers[index], name, *indices)

    def total(self, name, *indices):
        return sum(_worker.read(self._data, base, name, *indices) for base in self.workers)

    def reasons(self):
        return {name: self.total('reasons', index) for index, name in enumerate(REASONS)}

    def uninspected(self):
        return {name: self.total('uninspected', index) for index, name in enumerate(UNINSPECTED)}

    def requests(self, protocol, verdict):
        return self.total('requests', PROTOCOLS.index(protocol), VERDICTS.index(verdict))

    def actions(self):
        return {name: self.total('actions', index) for index, name in enumerate(ACTIONS)}

    def rx_frames(self):
        return sum(self.total('rx_frames', side) for side in range(len(SIDES)))

    def tx_frames(self):
        return sum(self.total('tx_frames', side) for side in range(len(SIDES)))

    def ports(self):
        """[{pair, side, every counter}] in the order of the pairs."""
        offset, size, _ = _header.fields['ports']
        found = []
        for index in range(self.header('port_count')):
            base = offset + index * size
            port = {name: _port.read(self._data, base, name) for name, (_, _, counts) in _port.fields.items()
                    if not counts}
            port['pair'] = _port.read_bytes(self._data, base, 'pair_name').rstrip(b'\0').decode()
            port['side'] = SIDES[port['side']]
            found.append(port)
        return found

    def port_total(self, name):
        return sum(port[name] for port in self.ports())


def read_counters(path):
    with open(path, 'rb') as source:
        return Reading(source.read())


def self_check():
    """The sizes that static asserts of layout.h name, so that a wrong reading of the header is noticed at once."""
    assert _port.size == 128, _port.size
    assert _header.fields['list_id'][0] == 4096, _header.fields['list_id']
    assert _header.size % 64 == 0 and _worker.size % 64 == 0
