#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The layer check: every #include of src/ against the layer table of src/meson.build and the homes of libraries.

  tests/layers.py [TREE]        checks the tree (default: this one); a line for each fault, exit 1 where there is one
  tests/layers.py --self-test   plants one fault of each sort into a copy and sees each of them found
"""

import os
import re
import shutil
import sys
import tempfile

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), '..'))
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)

# The one file of ebpf/ that src/ may see.
_SHARED_WITH_KERNEL = 'ebpf/abi.h'

# Header pattern → the folders of src/ where the library is at home. What no pattern names is the standard library's
# or the system's and free for all.
_HOMES = [
    (r'rte_.*', ('edge',)),
    (r'(bpf|xdp)/.*|linux/(bpf|if_xdp)\.h', ('edge',)),
    (r'hs(_runtime|_common)?\.h', ('snapshot', 'lists/compile')),
    (r'hs_compile\.h', ('lists/compile',)),
    (r'curl/.*', ('lists/fetch',)),
    (r'toml\+\+/.*|toml\+\+\.h', ('config',)),
    (r'prometheus/.*|civetweb.*|CivetServer\.h', ('metrics',)),
    (r'spdlog/.*|systemd/.*|fmt/.*', ('base',)),
    (r'sodium(/.*|\.h)', ('approval', 'lists/archive', 'lists/compile', 'lists/hold', 'lists/verify', 'evidence')),
    (r'openssl/.*', ('packet/quic', 'lists/fetch')),
    (r'ldns/.*', ('lists/fetch',)),
    (r'unicode/.*', ('canon',)),
    (r'nghttp2/.*', ('packet/hpack',)),
    (r'libpsl\.h', ('lists/guard',)),
    (r'archive(_entry)?\.h', ('lists/read',)),
    (r'seccomp\.h', ('lists/update',)),
    (r'CLI/.*', ('command_line',)),
    (r'nlohmann/.*', ('app', 'control', 'lists/read')),
    (r'(gtest|gmock)/.*', ()),
]

# The two roads meet in snapshot/ and counters/ only. folder → what it never includes
_NEVER = [
    ('packet', ('lists', 'evidence', 'metrics', 'app')),
    ('edge', ('lists', 'evidence', 'metrics', 'app')),
    ('lists', ('packet', 'edge', 'app')),
    ('app/edge', ('lists', 'evidence', 'metrics')),
    ('app/control', ('packet', 'edge')),
]


def is_inside(path, folder):
    return path == folder or path.startswith(folder + '/')


def read_text(path):
    with open(path, encoding='utf-8') as source:
        return source.read()


def read_layer_table(source_root):
    """The modules of src/meson.build, ground first."""
    table = re.search(r'^layer_table = \[(.*?)^\]', read_text(os.path.join(source_root, 'meson.build')),
                      re.DOTALL | re.MULTILINE)
    return re.findall(r"'([^']+)'", table.group(1))


def read_needs(source_root, module):
    """module_needs of a module's own meson.build."""
    path = os.path.join(source_root, module, 'meson.build')
    if not os.path.exists(path):
        return []
    needs = re.search(r'^module_needs = \[(.*?)\]', read_text(path), re.DOTALL | re.MULTILINE)
    return re.findall(r"'([^']+)'", needs.group(1)) if needs else []


def module_of(path, modules):
    """The module that holds a path of src/, or None for app/."""
    return next((module for module in sorted(modules, key=len, reverse=True) if is_inside(path, module)), None)


def close_over(needs):
    """module → everything it may include: its needs and theirs."""
    reach = {}

    def visit(module):
        if module not in reach:
            reach[module] = set()
            for need in needs.get(module, []):
                reach[module] |= {need} | visit(need)
        return reach[module]
    for module in needs:
        visit(module)
    return reach


def check_library(path, header):
    for pattern, homes in _HOMES:
        if re.fullmatch(pattern, header) and not any(is_inside(path, home) for home in homes):
            where = ', '.join(f'{home}/' for home in homes) or 'tests/'
            return f'<{header}> is at home in {where}'
    return None


def check_include(path, header, modules, reach, source_root):
    """The fault of one #include "..." in src/PATH, or None."""
    if is_inside(header, 'ebpf') or '..' in header.split('/'):
        return None if header == _SHARED_WITH_KERNEL else f'"{header}": of ebpf/ only {_SHARED_WITH_KERNEL} is shared'
    if not os.path.exists(os.path.join(source_root, header)):
        return f'"{header}" is no file of src/; includes are written from there'
    mine, theirs = module_of(path, modules), module_of(header, modules)
    for folder, never in _NEVER:
        if is_inside(path, folder) and any(is_inside(header, each) for each in never):
            return f'"{header}": {folder}/ never includes {"/, ".join(never)}/'
    if mine is None:
        if theirs is None and os.path.dirname(header) != os.path.dirname(path):
            return f'"{header}": programs do not include each other'
        return None
    if theirs is None:
        return f'"{header}": {mine} is below the programs'
    if mine != theirs and modules.index(theirs) > modules.index(mine):
        return f'"{header}": upward, {theirs} stands above {mine} in src/meson.build'
    if mine != theirs and theirs not in reach[mine]:
        return f'"{header}": {theirs} is not among module_needs of {mine}'
    return None


def check_tree(root):
    """Returns ([fault], number of includes read)."""
    source_root = os.path.join(root, 'src')
    modules = read_layer_table(source_root)
    reach = close_over({module: read_needs(source_root, module) for module in modules})
    faults = []
    count = 0
    for folder, _, names in sorted(os.walk(source_root)):
        for name in sorted(names):
            if not name.endswith(('.h', '.cpp')):
                continue
            full = os.path.join(folder, name)
            path = os.path.relpath(full, source_root)
            text = read_text(full)
            if module_of(path, modules) is None and not is_inside(path, 'app'):
                faults.append(f'src/{path}: in no module of the layer table')
            for match in _INCLUDE.finditer(text):
                count += 1
                fault = check_library(path, match.group(2)) if match.group(1) == '<' else check_include(
                    path, match.group(2), modules, reach, source_root)
                if fault:
                    faults.append(f'src/{path}:{text.count(chr(10), 0, match.start()) + 1}: {fault}')
    return faults, count


# file of src/ → what is planted at its end, and a word of the fault that must be found
_PLANTS = [
    ('base/bytes.h', '#include "snapshot/format.h"', 'upward'),
    ('canon/host.h', '#include "counters/names.h"', 'upward'),
    ('packet/decode/decode.h', '#include "planted/none.h"', 'no file of src/'),
    ('packet/decode/decode.h', '#include "lists/read/planted.h"', 'never includes'),
    ('packet/pipeline/pipeline.h', '#include <curl/curl.h>', 'at home'),
    ('snapshot/format.h', '#include <rte_ring.h>', 'at home'),
    ('snapshot/format.h', '#include "ebpf/maps.h"', 'only ebpf/abi.h'),
    ('snapshot/format.h', '#include "../base/bytes.h"', 'only ebpf/abi.h'),
    ('snapshot/format.h', '#include "canon/planted.h"', 'module_needs'),
    ('lists/read/planted.h', '#include "packet/decode/decode.h"', 'never includes'),
]


def self_test():
    """Each planted fault is found, and only that."""
    failed = 0
    with tempfile.TemporaryDirectory() as temporary:
        source_root = os.path.join(temporary, 'src')
        shutil.copytree(os.path.join(ROOT, 'src'), source_root)
        for planted in ('lists/read/planted.h', 'canon/planted.h'):
            os.makedirs(os.path.join(source_root, os.path.dirname(planted)), exist_ok=True)
            with open(os.path.join(source_root, planted), 'w', encoding='utf-8') as out:
                out.write('#pragma once\n')
        needs = os.path.join(source_root, 'snapshot', 'meson.build')
        text = read_text(needs)
        with open(needs, 'w', encoding='utf-8') as out:
            out.write(re.sub(r'^module_needs = \[.*?\]', "module_needs = ['base']", text, flags=re.DOTALL | re.MULTILINE))
        before, _ = check_tree(temporary)
        for path, line, word in _PLANTS:
            full = os.path.join(source_root, path)
            text = read_text(full)
            with open(full, 'w', encoding='utf-8') as out:
                out.write(f'{text}\n{line}\n')
            found = [fault for fault in check_tree(temporary)[0] if fault not in before]
            with open(full, 'w', encoding='utf-8') as out:
                out.write(text)
            caught = len(found) == 1 and word in found[0]
            failed += not caught
            print(f'{"found" if caught else "MISSED"}: {line} in src/{path}')
            if not caught:
                print(''.join(f'    {fault}\n' for fault in found), end='')
    return failed


def main():
    if sys.argv[1:] == ['--self-test']:
        return 1 if self_test() else 0
    faults, count = check_tree(sys.argv[1] if len(sys.argv) > 1 else ROOT)
    for fault in faults:
        print(fault)
    print(f'{count} includes read, {len(faults)} against the layers')
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())
