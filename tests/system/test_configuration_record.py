# SPDX-License-Identifier: Apache-2.0
"""What is configured otherwise than at the last start is one audit record, by its keys alone; start and stop are records, too."""

from lab.lists_case import ListsCase


class ConfigurationRecord(ListsCase):
    @classmethod
    def sources(cls):
        cls.hotline.publish('hotline', ['site1.example.test'])
        return [{'name': 'hotline', 'url': cls.hotline.url('hotline')}]

    def test_a_change_is_recorded_by_its_keys_and_no_value(self):
        first = [record for record in self.audited() if record['type'] == 'configuration_changed']
        self.assertEqual([each['previous'] for each in first], [''])
        self.assertIn('source.hotline.url', first[0]['added'].split())
        self.wait_well('hotline')
        records = len(self.audited())
        self.control.stop()
        with open(self.control.config, encoding='utf-8') as file:
            text = file.read()
        scope_lock = next(line for line in text.splitlines(True) if line.startswith('scope_lock_file'))
        changed = text.replace('/hotline"', '/elsewhere"\nmax_wrong_lines = 3').replace(scope_lock, '')
        with open(self.control.config, 'w', encoding='utf-8') as file:
            file.write(changed)
        self.control.start()
        told = [record for record in self.audited()[records:] if record['type'] in ('start', 'stop', 'configuration_changed')]
        self.assertEqual([each['type'] for each in told], ['stop', 'start', 'configuration_changed'])
        self.assertEqual((told[2]['changed'], told[2]['added'], told[2]['removed']),
                         ('source.hotline.url', 'source.hotline.max_wrong_lines', 'control.scope_lock_file'))
        self.assertEqual(told[2]['previous'], first[0]['digest'])
        self.assertNotIn('elsewhere', str(told))
        # one person's edit does not take the scope lock away
        scope = self.status()['scope']
        self.assertEqual((scope['state'], scope['sequence']), ('refused', 1))
        self.assertIn('names no scope_lock_file', scope['error_context'])
        self.assertEqual(self.source('hotline')['state'], 'enforce')
