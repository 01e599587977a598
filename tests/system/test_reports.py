# SPDX-License-Identifier: Apache-2.0
"""A suspension is told to the source: by the line of its own list, over HTTPS with its credentials, again until it takes it."""

import json
import os
import stat

from lab.lists_case import ListsCase
from lab.processes import wait_until

_TOKEN = 'a-token-of-the-source'


class Reports(ListsCase):
    @classmethod
    def sources(cls):
        cls.token = os.path.join(cls.scene.directory, 'token')
        with open(os.open(cls.token, os.O_CREAT | os.O_WRONLY, 0o600), 'w', encoding='ascii') as file:
            file.write(_TOKEN)
        cls.folder = os.path.join(cls.scene.directory, 'outbox')
        cls.hotline.require({'told': f'Bearer {_TOKEN}', 'reports': f'Bearer {_TOKEN}'})
        cls.hotline.publish('told', ['# names', 'site1.example.test', '', 'site2.example.test'])
        cls.hotline.publish('silent', ['site1.example.test'])
        return [{'name': 'told', 'url': cls.hotline.url('told'), 'credentials': 'bearer', 'credentials_file': cls.token,
                 'report': {'url': cls.hotline.url('reports'), 'contact': 'noc@provider.example'}},
                {'name': 'kept', 'url': cls.hotline.url('silent'), 'report': {'directory': cls.folder}},
                {'name': 'silent', 'url': cls.hotline.url('silent')}]

    def suspend(self, *words):
        answer = self.control.ask('suspend', *words, '--key', self.people['anna' if '--reason' in words else 'boris'].key_file)
        self.assertEqual(answer.returncode, 0, answer.stderr)

    def wait_reports(self, count):
        return wait_until(lambda: self.hotline.posted() if len(self.hotline.posted()) >= count else None, 15, f'report {count}', 0.05)

    def test_from_begin_to_end_and_again_until_it_is_taken(self):
        for name in ('told', 'kept', 'silent'):
            self.wait_well(name)
        self.hotline.behave({'reports': '500'})
        self.suspend('site2.example.test', '--reason', 'ticket 1')
        self.assertEqual(os.listdir(self.folder) if os.path.isdir(self.folder) else [], [], 'the other lists do not have it')
        failed = wait_until(lambda: [each for each in self.audited() if each['type'] == 'report_failed'], 15, 'the failure', 0.05)
        self.assertEqual((failed[0]['source'], failed[0]['code']), ('told', 'refused'))
        self.assertIn('HTTP 500', failed[0]['context'])
        self.assertEqual(self.source('told')['reports_waiting'], 1)
        self.assertIn('parapet_source_reports_waiting{source="told"} 1', self.control.metrics())
        self.hotline.behave({})
        first = self.wait_reports(1)[0]
        self.assertEqual((first['path'], first['type']), ('/reports', 'application/json'))
        report = json.loads(first['body'])
        self.assertEqual((report['list'], report['what'], report['suspension'], report['reason'], report['contact']),
                         ('told', 'begun', 1, 'ticket 1', 'noc@provider.example'))
        self.assertEqual([(each['line'], len(each['id'])) for each in report['entries']], [(4, 16)])
        self.assertNotEqual(report['etag'], '')
        self.suspend('--confirm', '1')
        self.suspend('--end', '1')
        self.assertEqual([json.loads(each['body'])['what'] for each in self.wait_reports(3)], ['begun', 'confirmed', 'ended'])
        wait_until(lambda: self.source('told')['reports_waiting'] == 0, 15, 'nothing to wait', 0.05)
        told = [(each['type'], each['what']) for each in self.audited() if each['type'] in ('report_made', 'report_delivered')]
        self.assertEqual(sorted(told), sorted((kind, what) for kind in ('report_made', 'report_delivered')
                                              for what in ('begun', 'confirmed', 'ended')))
        self.assertNotIn('example.test', first['body'])

    def test_into_a_folder_where_nobody_sends_it(self):
        self.wait_well('kept')
        self.suspend('site1.example.test', '--reason', 'ticket 2')
        number = json.loads(self.control.status('--json').stdout)['control']['suspensions'][0]['number']
        path = os.path.join(self.folder, f'{number:020}-0-begun.json')
        with open(path, encoding='ascii') as file:
            self.assertEqual(json.load(file)['entries'][0]['line'], 1)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(os.stat(self.folder).st_mode), 0o700)
        self.assertEqual(self.source('kept')['reports_waiting'], 1)
        self.assertNotIn('reports_waiting', self.source('silent'))
        self.suspend('--end', str(number))
