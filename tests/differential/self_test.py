#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Sees that a reader which leaves out requests is noticed and shrunk to: tests/differential/self_test.py PARAPET"""

import os
import re
import subprocess
import sys
import tempfile

_HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(_HERE, '..', 'corpora'))
from made_captures import make_captures  # noqa: E402

# A reader that is blind for one protocol.
_BLIND = '''#!/bin/bash
set -o pipefail
"{program}" "$@" | grep -v '"protocol":"{protocol}"'
exit 0
'''


def main():
    program = os.path.realpath(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix='parapet-differential-') as folder:
        capture = next(path for path in make_captures(folder) if path.endswith('/vlan-v6.be.pcapng'))
        for protocol, enough in (('dns', 4), ('tls', 4)):
            blind = os.path.join(folder, f'blind-{protocol}')
            with open(blind, 'w', encoding='ascii') as script:
                script.write(_BLIND.format(program=program, protocol=protocol))
            os.chmod(blind, 0o700)
            small = os.path.join(folder, 'small')
            ended = subprocess.run([os.path.join(_HERE, 'run.py'), '--into', small, blind, capture], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
            packets = [int(count) for count in re.findall(r'^ *(\d+) packets are enough', ended.stdout, re.MULTILINE)]
            if ended.returncode != 1 or not packets or max(packets) > enough:
                print(f'a reader blind for {protocol} ended with {ended.returncode}, shrunk to {packets}:\n{ended.stdout}')
                return 1
            print(f'a reader blind for {protocol} is noticed, and shrunk to {packets} packets')
    return 0


if __name__ == '__main__':
    sys.exit(main())
