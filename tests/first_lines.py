#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every source file begins with its licence; text holds no name or address outside the documentation ranges."""

import os
import re
import sys

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), '..'))
_COMMENT = {'.h': '// ', '.cpp': '// ', '.c': '// ', '.py': '# ', '': '# '}
_LEFT_OUT = {'.git', 'build', '__pycache__', 'corpus'}  # corpus: made by fuzzing, of any bytes
_KERNEL_LICENCE = '(BSD-2-Clause OR GPL-2.0-only)'
_IPV4 = re.compile(r'(?<![\d.])(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?![\d.])')
_DOCUMENTATION = ((192, 0, 2), (198, 51, 100), (203, 0, 113))


def read_text(path):
    try:
        with open(path, encoding='utf-8') as source:
            return source.read()
    except UnicodeDecodeError:
        return None


def every_file():
    """Paths of the tree from its root, without what is built."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = sorted(set(folders) - _LEFT_OUT)
        yield from (os.path.relpath(os.path.join(folder, name), ROOT) for name in sorted(names))


def licence_fault(path, text):
    extension = os.path.splitext(path)[1]
    if extension not in _COMMENT or (extension == '' and not text.startswith('#!')):
        return None
    lines = text.splitlines()[:2]
    if lines and lines[0].startswith('#!'):
        lines = lines[1:]
    licence = _KERNEL_LICENCE if path.startswith('ebpf/') else 'Apache-2.0'
    wanted = f'{_COMMENT[extension]}SPDX-License-Identifier: {licence}'
    return None if lines and lines[0] == wanted else f'{path}: the first line is not "{wanted}"'


def address_faults(path, text):
    """IPv4 addresses that are neither documentation, loopback, unspecified nor broadcast."""
    for match in _IPV4.finditer(text):
        parts = tuple(int(part) for part in match.groups())
        if max(parts) > 255 or parts[:3] in _DOCUMENTATION or parts[0] in (0, 127, 255):
            continue
        yield f'{path}:{text.count(chr(10), 0, match.start()) + 1}: address {match.group(0)}'


def main():
    faults = []
    count = 0
    for path in every_file():
        text = read_text(os.path.join(ROOT, path))
        if text is None:
            continue
        count += 1
        fault = licence_fault(path, text)
        faults += [fault] if fault else []
        faults += address_faults(path, text)
    print('\n'.join(faults))
    print(f'{count} files read, {len(faults)} faults')
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())
