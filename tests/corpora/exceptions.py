# SPDX-License-Identifier: Apache-2.0
"""The reviewed list of places where Parapet and the truth about published captures may differ (exceptions.tsv).

Columns: capture (path below corpora/pcaps, or sha256: and its digest's first 16 digits), protocol, frames (ranges such as
4,7-9), cause, explanation. A row excuses what differs in these frames of the capture; one that excuses nothing any more is a
fault of the list. Rows with the cause "not read yet" name what is being built: they do not count, and "*" may stand for any
capture or frame in them.
"""

import csv
from typing import NamedTuple

MOST = 40
_NOT_YET = 'not read yet'
_CAUSES = ("the dissector's fault", 'ours by choice', _NOT_YET)


class Row(NamedTuple):
    capture: str
    protocol: str
    frames: frozenset  # None: any
    cause: str
    explanation: str

    def excuses(self, disagreement):
        return (self.capture in ('*', disagreement.capture) and self.protocol == disagreement.protocol
                and (self.frames is None or disagreement.frame in self.frames))


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
            if len(cells) != 5 or cells[3] not in _CAUSES or not cells[4]:
                raise BadList(f'{path}:{number}: expected capture, protocol, frames, one of {_CAUSES}, explanation')
            if '*' in cells[:3] and cells[3] != _NOT_YET:
                raise BadList(f'{path}:{number}: an exception names its capture and frames')
            rows.append(Row(path_of.get(cells[0], cells[0]), cells[1], _frames(cells[2]), *cells[3:]))
    if sum(row.cause != _NOT_YET for row in rows) > MOST:
        raise BadList(f'{path}: more than {MOST} exceptions')
    return rows


def excuse(disagreements, exceptions):
    """Returns (disagreements that no row excuses, rows that excuse none, rows of what is not read yet and differs)."""
    used, rest = set(), []
    for disagreement in disagreements:
        fitting = [row for row in exceptions if row.excuses(disagreement)]
        used.update(fitting)
        if not fitting:
            rest.append(disagreement)
    unused = [row for row in exceptions if row not in used and row.cause != _NOT_YET]
    return rest, unused, [row for row in exceptions if row in used and row.cause == _NOT_YET]


def _paths_by_digest(sources):
    with open(sources, encoding='utf-8', newline='') as lines:
        return {f'sha256:{cells[3][:16]}': cells[6]
                for cells in csv.reader(lines, delimiter='\t', quoting=csv.QUOTE_NONE) if len(cells) > 6}


def _frames(text):
    if text == '*':
        return None
    frames = set()
    for part in text.split(','):
        first, _, last = part.partition('-')
        frames.update(range(int(first), int(last or first) + 1))
    return frozenset(frames)
