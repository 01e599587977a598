# SPDX-License-Identifier: Apache-2.0
"""The reviewed list of places where Parapet and the truth about published captures may differ (exceptions.tsv).

Columns: capture (path below corpora/pcaps, or sha256: and its digest's first 16 digits), protocol, frames (ranges such as
4,7-9), cause, explanation. A row excuses what differs in these frames of the capture; one that excuses nothing any more is a
fault of the list.
"""

import csv
import re
from typing import NamedTuple

MOST = 40
_FRAMES = re.compile(r'\d+(-\d+)?(,\d+(-\d+)?)*')
_CAUSES = ("the dissector's fault", 'ours by choice')


class Row(NamedTuple):
    capture: str
    protocol: str
    frames: frozenset
    cause: str
    explanation: str

    def excuses(self, disagreement):
        return (self.capture == disagreement.capture and self.protocol == disagreement.protocol
                and disagreement.frame in self.frames)


class BadList(Exception):
    pass


def read_exceptions(path, sources):
    """sources: the corpora's sources.tsv, which has each capture's digest and path."""
    path_of = _paths_by_digest(sources)
    rows = []
    with open(path, encoding='utf-8') as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip() or line.startswith('#'):
                continue
            cells = line.rstrip('\n').split('\t')
            if len(cells) != 5 or not _FRAMES.fullmatch(cells[2]) or cells[3] not in _CAUSES or not cells[4]:
                raise BadList(f'{path}:{number}: expected capture, protocol, frames (4,7-9), one of {_CAUSES}, explanation')
            rows.append(Row(path_of.get(cells[0], cells[0]), cells[1], _frames(cells[2]), *cells[3:]))
    if len(rows) > MOST:
        raise BadList(f'{path}: more than {MOST} exceptions')
    return rows


def excuse(disagreements, exceptions):
    """Returns (disagreements that no row excuses, rows that excuse none)."""
    used, rest = set(), []
    for disagreement in disagreements:
        fitting = [row for row in exceptions if row.excuses(disagreement)]
        used.update(fitting)
        if not fitting:
            rest.append(disagreement)
    return rest, [row for row in exceptions if row not in used]


def _paths_by_digest(sources):
    with open(sources, encoding='utf-8', newline='') as lines:
        return {f'sha256:{cells[3][:16]}': cells[6]
                for cells in csv.reader(lines, delimiter='\t', quoting=csv.QUOTE_NONE) if len(cells) > 6}


def _frames(text):
    frames = set()
    for part in text.split(','):
        first, _, last = part.partition('-')
        frames.update(range(int(first), int(last or first) + 1))
    return frozenset(frames)
