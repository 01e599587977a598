#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""docs/metrics.md out of src/metrics/families.h and src/counters/names.h.

  tests/metrics_page.py           fails where the page is not what the sources say
  tests/metrics_page.py --write   writes it
"""

import os
import re
import sys

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), '..'))
PAGE = os.path.join(ROOT, 'docs/metrics.md')


def read_text(path):
    with open(os.path.join(ROOT, path), encoding='utf-8') as file:
        return file.read()


def rows_of(text, table, columns):
    """The rows X(name, ...) of one table; strings over several lines are joined."""
    body = re.search(r'#define ' + table + r'\(X\)((?:.*\\\n)*.*)', text).group(1).replace('\\\n', ' ')
    string = r'((?:"(?:[^"\\]|\\.)*"\s*)+)'
    pattern = r'\bX\(\s*(\w+)' + ''.join(r'\s*,\s*' + (string if column == 'text' else r'(\w+)') for column in columns) + r'\s*\)'
    for row in re.findall(pattern, body):
        row = (row,) if isinstance(row, str) else row
        yield [''.join(re.findall(r'"((?:[^"\\]|\\.)*)"', cell)) if '"' in cell else cell for cell in row]


def table_lines(head, rows):
    yield '| ' + ' | '.join(head) + ' |'
    yield '|' + '---|' * len(head)
    for row in rows:
        yield '| ' + ' | '.join(row) + ' |'


def make_page():
    families = read_text('src/metrics/families.h')
    names = read_text('src/counters/names.h')
    lines = [
        '# Metrics', '',
        'Made from src/metrics/families.h and src/counters/names.h by tests/metrics_page.py; edit those.', '',
        'parapetd serves them at `http://METRICS_ADDRESS/metrics`. The edge\'s counters are read at the moment of the scrape;',
        'where they cannot be read, `parapet_edge_up` is 0 and the edge\'s other metrics are absent. Label values come from',
        'the tables below and from names in the configuration, never from traffic or from a list.', '',
    ]
    rows = []
    for name, kind, labels, text in rows_of(families, 'PARAPET_METRIC_FAMILIES', ['word', 'text', 'text']):
        label_text = ', '.join(f'`{label}`' for label in labels.split(',') if label)
        rows.append([f'`parapet_{name}`', kind.lower(), label_text, text])
    lines += table_lines(['metric', 'type', 'labels', 'meaning'], rows)
    lines += ['', 'prometheus-cpp adds `exposer_transferred_bytes_total`, `exposer_scrapes_total` and `exposer_request_latencies`.']
    for title, table in (('Values of `reason` in `parapet_frames_total`', 'PARAPET_FRAME_REASONS'),
                         ('Values of `reason` in `parapet_uninspected_total`', 'PARAPET_UNINSPECTED_REASONS'),
                         ('Values of `verdict`', 'PARAPET_VERDICTS'), ('Values of `action`', 'PARAPET_ACTIONS')):
        lines += ['', f'## {title}', '']
        lines += table_lines(['value', 'meaning'], [[f'`{name}`', text] for name, text in rows_of(names, table, ['text'])])
    protocols = ', '.join(f'`{row[0]}`' for row in rows_of(names, 'PARAPET_PROTOCOLS', []))
    lines += ['', '## Values of `protocol`', '', protocols + '.']
    return '\n'.join(lines) + '\n'


def main():
    page = make_page()
    if sys.argv[1:] == ['--write']:
        with open(PAGE, 'w', encoding='utf-8') as file:
            file.write(page)
        return 0
    there = read_text(PAGE) if os.path.exists(PAGE) else ''
    if there != page:
        print('docs/metrics.md is not what the sources say; tests/metrics_page.py --write')
        return 1
    print(f'docs/metrics.md: {page.count("| `")} rows, as the sources say')
    return 0


if __name__ == '__main__':
    sys.exit(main())
