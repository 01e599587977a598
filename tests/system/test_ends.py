# SPDX-License-Identifier: Apache-2.0
"""Entries with ends of their own, from each format: what has ended is counted and stops nothing, what is no date refuses the list."""

import datetime
import json
import time

from lab.case import figure
from lab.lists_case import ListsCase
from lab.processes import wait_until

FORMATS = {
    'csv': ({'ends_column': 'until'}, lambda rows: 'value,until\n' + ''.join(f'{name},{until}\n' for name, until in rows)),
    'json': ({'ends': '/until'}, lambda rows: json.dumps([{'value': name, 'until': until} for name, until in rows])),
    'jsonl': ({'ends': '/until'}, lambda rows: ''.join(json.dumps({'value': name, 'until': until or None}) + '\n' for name, until in rows)),
}


def ending_in(seconds):
    then = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=2))) + datetime.timedelta(seconds=seconds)
    return then.isoformat(timespec='seconds')


class Ends(ListsCase):
    GOOD = [('ended.example.test', '2001-01-01'), ('lasting.example.test', '')]

    @classmethod
    def sources(cls):
        sources = []
        for name, (keys, text) in FORMATS.items():
            cls.hotline.publish_bytes(name, text(cls.GOOD).encode())
            where = 'csv' if name == 'csv' else 'json'
            sources.append({'name': name, 'url': cls.hotline.url(name), 'format': name, where: keys, 'poll_interval_ms': 100, 'deadline_ms': 2000})
        return sources

    @classmethod
    def tearDownClass(cls):
        figure(f'{cls.attacks} lists whose ends are no dates, each refused, the last good list in force')

    def offer(self, name, rows):
        self.hotline.publish_bytes(name, FORMATS[name][1](rows).encode())

    def restore(self, name):
        self.offer(name, self.GOOD)

    def ends_of(self, host):
        answer = json.loads(self.control.ask('explain', '--json', host).stdout)
        return [match['ends'] for match in answer['explain']['matches']]

    def test_a_what_has_ended_is_counted_and_the_rest_is_in_force(self):
        for name in FORMATS:
            self.wait_well(name)
            source = self.source(name)
            self.assertEqual((source['entries']['host'], source['ended'], source['ledger']['tls']['exact']), (1, 1, 1), name)
            accepted = [each for each in self.audited() if each['type'] == 'list_accepted' and each['source'] == name]
            self.assertEqual((accepted[0]['entries'], accepted[0]['ended']), (2, 1), name)
        self.assertEqual(self.ends_of('lasting.example.test'), [0, 0, 0])

    def test_b_what_ends_is_counted_then_without_a_new_list(self):
        until = ending_in(1)
        sequence = self.source('csv')['sequence']
        self.offer('csv', self.GOOD + [('ending.example.test', until)])
        self.wait_sequence('csv', sequence + 1)
        self.assertEqual(self.ends_of('ending.example.test'), [datetime.datetime.fromisoformat(until).timestamp()])
        wait_until(lambda: self.source('csv')['ended'] == 2, 15, 'the end', 0.05)
        self.assertGreaterEqual(time.time(), datetime.datetime.fromisoformat(until).timestamp() - 0.1)
        self.assertEqual(self.source('csv')['sequence'], sequence + 1)
        self.offer('csv', self.GOOD)
        self.wait_sequence('csv', sequence + 2)

    def test_c_what_is_no_date_is_named_by_its_line(self):
        for name, line, wrong in (('csv', 4, '31.03.2027'), ('jsonl', 3, '2027-03-31T12:00:00')):
            records = self.refused(name, 'malformed', f'line {line}: its end is no date',
                                   lambda: self.offer(name, self.GOOD + [('new.example.test', wrong)]))
            self.assertNotIn(wrong, json.dumps(records))
