# SPDX-License-Identifier: Apache-2.0
"""What is configured otherwise than at the last start is one audit record, by its keys alone; start and stop are records, too."""

from lab.lists_case import ListsCase


class ConfigurationRecord(ListsCase):
    @classmethod
    def sources(cls):
        cls.hotline.publish('hotline', ['site1.example.test'])
        return [{'name': 'hotline', 'url': cls.hotline.url('hotline')}]

    def restart_with(self, before, after):
        """Restarts with that text of control.toml changed. Returns the records of type, of stop, start and what is between."""
        records = len(self.audited())
        self.control.stop()
        with open(self.control.config, encoding='utf-8') as file:
            text = file.read()
        self.assertIn(before, text)
        with open(self.control.config, 'w', encoding='utf-8') as file:
            file.write(text.replace(before, after))
        self.control.start()
        return [record for record in self.audited()[records:] if record['type'] in ('start', 'stop', 'configuration_changed')]

    def test_a_change_is_recorded_by_its_keys_and_no_value(self):
        first = [record for record in self.audited() if record['type'] == 'configuration_changed']
        self.assertEqual([each['previous'] for each in first], [''])
        self.assertIn('source.hotline.url', first[0]['added'].split())
        self.assertEqual([each['type'] for each in self.restart_with('/hotline"', '/hotline"')], ['stop', 'start'])
        changed = self.restart_with('/hotline"', '/elsewhere"\nmax_wrong_lines = 3')
        self.assertEqual([each['type'] for each in changed], ['stop', 'start', 'configuration_changed'])
        self.assertEqual((changed[2]['changed'], changed[2]['added'], changed[2]['removed']),
                         ('source.hotline.url', 'source.hotline.max_wrong_lines', ''))
        self.assertEqual(changed[2]['previous'], first[0]['digest'])
        self.assertNotIn('elsewhere', str(changed))
