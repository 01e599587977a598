# SPDX-License-Identifier: Apache-2.0
"""How far a report of `parapet replay --json --show-requests` agrees with a truth about the same captures.

Compared as sets of (capture, protocol, ends, host in lower case without port and closing dot, HTTP target): dissectors leave
out repeated copies of the same bytes, a filter may see each. Only truth of scope "core" is owed; a report that fits truth of
another scope is neither right nor wrong, and DNS has truth on port 53 alone. A request that is owed must be reported in a
frame that completes it.
"""

import collections
import ipaddress
import re
from typing import NamedTuple

_PORT = re.compile(r':\d+$')
_DNS_PORT = 53


class Disagreement(NamedTuple):
    capture: str
    protocol: str
    kind: str  # missed; extra; frame: reported, but in no frame that completes it
    frame: int  # of the truth; of the report where that alone has it


class Agreement(NamedTuple):
    owed: collections.Counter  # by protocol
    found: collections.Counter  # of them, in the right frame
    disagreements: list


def agree(truth, report, left_out=()):
    """truth: rows with pcap, kind, scope, ...; report: rows with file (as pcap in the truth), protocol, ..."""
    owed, known, frames = set(), set(), collections.defaultdict(set)
    for row in truth:
        if row['pcap'] in left_out or not _names_something(row['kind'], row):
            continue
        key = _key(row['pcap'], row['kind'], row)
        known.add(key)
        frames[key].update(row[field] for field in ('frame', 'frame_hdr') if row.get(field))
        if row.get('scope', 'core') == 'core':
            owed.add(key)
    reported = collections.defaultdict(set)
    for row in report:
        if row['file'] in left_out or not _names_something(row['protocol'], row):
            continue
        key = _key(row['file'], row['protocol'], row)
        if row['protocol'] == 'dns' and _DNS_PORT not in (row['sport'], row['dport']) and key not in owed:
            continue
        reported[key].add(row['frame'])
    wrong = [Disagreement(*key[:2], 'missed', min(frames[key], default=0)) for key in owed if key not in reported]
    wrong += [Disagreement(*key[:2], 'extra', min(seen)) for key, seen in reported.items() if key not in known]
    late = {key for key in owed if key in reported and not reported[key] & frames[key]}
    wrong += [Disagreement(*key[:2], 'frame', min(frames[key], default=0)) for key in late]
    return Agreement(collections.Counter(key[1] for key in owed),
                     collections.Counter(key[1] for key in owed if key in reported and key not in late), sorted(wrong))


def _names_something(protocol, row):
    return protocol == 'http' or bool(row.get('host'))


def _key(capture, protocol, row):
    host = _PORT.sub('', (row.get('host') or '').lower()).rstrip('.')
    target = (row.get('target') or '') if protocol == 'http' else None
    return (capture, protocol, _address(row['src']), row['sport'], _address(row['dst']), row['dport'], host, target)


def _address(text):
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return text
