# SPDX-License-Identifier: Apache-2.0
"""What `parapet simulate` says of an update is what parapetd then does with it, and neither says a listed name or keeps one."""

import glob
import json
import os
import socket
import sys

from lab.case import figure
from lab.lists_case import ListsCase
from lab.processes import run, wait_until
from lab.programs import ROOT

TOUCHING = {  # guard: what a list says, and the guard's own name that it touches
    'public_suffix': [('co.test', 'co.test')],
    'top_site': [('www.news.invalid', 'news.invalid'), ('http://top.example.test/', 'top.example.test')],
    'shared_host': [('shared.example.test', 'shared.example.test')],
    'own_name': [('portal.canaryword.provider.test', 'provider.test'), ('http://provider.test/canaryword', 'provider.test')],
    'resolver': [('dns.provider.test', 'dns.provider.test')],
    'hotline': [('canaryword.hotline.test', 'hotline.test')],
    'certificate': [('http://ocsp.authority.test/canaryword', 'ocsp.authority.test')],
    'special_use': [('router.canaryword.home.invalid', 'home.invalid')],
}


def names(first, last, stem='canaryword'):
    return ''.join(f'{stem}{number}.example.test\n' for number in range(first, last + 1)).encode()


class Simulate(ListsCase):
    GOOD = names(1, 100)
    compared = 0

    @classmethod
    def sources(cls):
        cls.sequence = 5
        cls.outputs = []
        cls.publish_signed('guarded', cls.GOOD, 5)
        cls.tests = os.path.join(cls.scene.directory, 'tests')
        with open(os.open(cls.tests, os.O_CREAT | os.O_WRONLY, 0o600), 'w', encoding='ascii') as file:
            file.write('canaryword1.example.test\n')
        cls.drafts = os.path.join(cls.scene.directory, 'hotline', 'drafts')   # where the list stands in clear anyway
        os.makedirs(cls.drafts)
        key = [{'name': 'of-the-hotline', 'minisign': cls.signer.public_key}]
        common = {'poll_interval_ms': 100, 'deadline_ms': 2000}
        return [
            {**common, 'name': 'guarded', 'url': cls.hotline.url('guarded'), 'keys': key, 'test_entries_file': cls.tests},
            {**common, 'name': 'turned-off', 'url': cls.hotline.url('guarded'), 'state': 'off'},
        ]

    @classmethod
    def tearDownClass(cls):
        figure(f'{cls.compared} updates simulated and then sent: the outcomes and findings are the same')

    def run_simulate(self, content, *words):
        """`parapet simulate` of that content; returns its exit status and what it says."""
        path = os.path.join(self.drafts, 'draft.txt')
        with open(path, 'wb') as file:
            file.write(content)
        seen = run([self.control.binaries.cli, 'simulate', path, *words], check=False)
        self.outputs.append(seen.stdout + seen.stderr)
        return seen

    def asked(self, name, socket_path=None):
        return ['--config', self.control.config, '--source', name, '--socket', socket_path or self.control.socket]

    def simulate(self, content, name='guarded', asked=None):
        words = self.asked(name, asked)
        table = self.run_simulate(content, *words)
        seen = self.run_simulate(content, *words, '--json')
        self.assertEqual(table.returncode, seen.returncode)
        if not seen.stdout:
            return seen.returncode, seen.stderr
        said = json.loads(seen.stdout)['simulate']
        self.assertIn(f'outcome: {said["outcome"]}', table.stdout)
        return seen.returncode, said

    def offer(self, content, name='guarded'):
        type(self).sequence += 1
        self.publish_signed(name, content, self.sequence)

    def back_to_good(self, name='guarded'):
        self.offer(self.GOOD, name)
        wait_until(lambda: 'held' not in self.source(name), 15, 'nothing to wait any more', 0.05)
        self.wait_well(name)

    def same_as_held(self, content, name='guarded'):
        """Simulated, then sent: held for the same reasons. Returns what was simulated."""
        snapshot = self.snapshot()
        code, said = self.simulate(content, name)
        self.assertEqual((code, said['outcome']), (1, 'held'), said)
        self.assertEqual(self.snapshot(), snapshot)
        self.assertNotIn('held', self.source(name), 'a simulation holds nothing')
        self.offer(content, name)
        held = self.wait_held(name)
        self.assertEqual([(each['rule'], each['count'], each['note']) for each in said['findings']],
                         [(each['rule'], each['count'], each['note']) for each in held['findings']])
        self.assertEqual(said['parapetd']['people_needed'], held['people_needed'])
        ids = {each['rule']: each['entry_ids'] for each in held['findings']}
        for rule in said['touched']:
            self.assertEqual([entry['entry_id'] for entry in rule['entries']], ids[rule['rule']], rule)
        type(self).compared += 1
        self.back_to_good(name)
        return said

    def same_as_taken(self, content, name='guarded'):
        sequence = self.source(name)['sequence']
        code, said = self.simulate(content, name)
        self.assertEqual((code, said['outcome'], said['findings']), (0, 'taken', []), said)
        self.assertEqual(self.source(name)['sequence'], sequence)
        self.offer(content, name)
        self.wait_sequence(name, sequence + 1)
        self.assertNotIn('held', self.source(name))
        type(self).compared += 1
        return said

    def test_a_an_update_that_touches_each_sort_of_protected_name(self):
        lines = [line for touching in TOUCHING.values() for line, _ in touching]
        said = self.same_as_held(self.GOOD + ''.join(f'{line}\n' for line in lines).encode())
        touched = {rule['rule']: [(entry['line'], entry['guard_name']) for entry in rule['entries']] for rule in said['touched']}
        at = iter(range(101, 101 + len(lines)))
        self.assertEqual(touched, {rule: [(next(at), name) for _, name in touching] for rule, touching in TOUCHING.items()})
        self.assertEqual(said['parapetd'], {'answered': True, 'why_not': '', 'compared': True, 'in_force': 100, 'added': 10,
                                            'removed': 0, 'people_needed': 2})
        self.assertEqual(said['entries'], {'host': 107, 'domain': 0, 'url': 3, 'prefix': 0})
        self.assertEqual(said['ledger']['tls'], {'exact': 107, 'widened': 0, 'unenforceable': 3,
                                                 'why': {'only_name_visible': 3, 'no_entry': 0}})

    def test_b_each_sort_by_itself(self):
        for rule, touching in TOUCHING.items():
            for line, guard_name in touching:
                seen = self.run_simulate(self.GOOD + f'{line}\n'.encode(), *self.asked('guarded'), '--json')
                code, said = seen.returncode, json.loads(seen.stdout)['simulate']
                self.assertEqual((code, [each['rule'] for each in said['findings']]), (1, [rule]))
                self.assertEqual([(each['line'], each['guard_name']) for each in said['touched'][0]['entries']], [(101, guard_name)])

    def test_c_growth_shrink_missing_test_entries_and_guard_data_of_last_year(self):
        path = os.path.join(self.scene.guard_directory, 'hotlines.txt')
        with open(path, encoding='ascii') as file:
            before = file.read()
        try:
            with open(path, 'w', encoding='ascii') as file:
                file.write('# as of: 2025-11-01\nhotline.test\n')
            said = self.same_as_held(names(2, 60) + names(1, 60, 'new'))
        finally:
            with open(path, 'w', encoding='ascii') as file:
                file.write(before)
        self.assertEqual([each['rule'] for each in said['findings']], ['growth', 'shrink', 'guard_data', 'self_test'])
        self.assertEqual((said['parapetd']['added'], said['parapetd']['removed']), (60, 41))

    def test_d_a_signed_list_that_only_shrank_needs_one_person(self):
        self.assertEqual(self.same_as_held(names(1, 60))['parapetd']['people_needed'], 1)

    def test_e_what_is_plausible_is_taken(self):
        self.same_as_taken(self.GOOD + b'http://top.example.test/user/canaryword\n')
        self.same_as_taken(self.GOOD)
        self.assertEqual(self.simulate(self.GOOD)[1]['outcome'], 'unchanged')

    def test_f_what_would_be_refused(self):
        code, said = self.simulate(names(1, 500))
        self.assertEqual((code, said['outcome']), (3, 'refused'))
        self.offer(names(1, 500))
        self.assertEqual(self.wait_refusal('guarded')['error_context'], said['refusal'])
        self.back_to_good()
        code, said = self.simulate(self.GOOD + b'canaryword two words\n')
        self.assertEqual(code, 3)
        self.assertIn('line 101', said)
        code, said = self.simulate(self.GOOD, 'turned-off')
        self.assertEqual((code, said['refusal']), (3, 'the source is off'))

    def test_g_who_does_not_hold_the_list_cannot_search_it(self):
        for content in (names(1, 49) + names(1, 51, 'other'), names(1, 100, 'other'), names(7, 7)):
            code, said = self.simulate(content)
            self.assertEqual((code, said['outcome'], said['findings']), (1, 'untold', []))
            self.assertEqual((said['parapetd']['added'], said['parapetd']['removed'], said['parapetd']['compared']), (0, 0, False))
        self.assertTrue(self.simulate(names(1, 50))[1]['parapetd']['compared'])

    def test_h_without_parapetd_it_says_what_is_not_judged(self):
        seen = self.run_simulate(names(1, 500) + b'shared.example.test\n', '--guard', self.scene.guard_directory,
                                 '--public-suffixes', os.path.join(self.scene.guard_directory, 'public_suffix_list.dat'),
                                 '--own-names', os.path.join(self.scene.guard_directory, 'own_names.txt'))
        self.assertEqual(seen.returncode, 1)
        self.assertIn('so growth, shrink, test entries and what people allowed are not judged', seen.stdout)
        self.assertIn('shared.example.test', seen.stdout)
        code, said = self.simulate(names(1, 500), 'guarded', os.path.join(self.drafts, 'nobody'))
        self.assertEqual((code, said['outcome'], said['parapetd']['answered']), (0, 'taken', False))
        self.assertIn('does not listen', said['parapetd']['why_not'])

    def test_i_only_memory_that_nobody_can_change_is_read(self):
        with open(os.path.join(self.drafts, 'draft.txt'), 'rb') as file, socket.socket(socket.AF_UNIX) as asking:
            asking.settimeout(10)
            asking.connect(self.control.socket)
            for passed in ([], [file.fileno()], [file.fileno()] * 4):
                socket.send_fds(asking, [b'{"ask":"simulate","source":"guarded"}\n'], passed)
                answer = json.loads(asking.makefile().readline())
                self.assertEqual(answer['error']['code'], 'invalid_argument')

    def test_z_no_listed_name_is_told_or_kept(self):
        self.assertTrue(self.outputs)
        for output in self.outputs:
            self.assertNotIn('canaryword', output)
        places = [*glob.glob(f'{self.scene.directory}/[!h]*'), *glob.glob(f'{self.control.directory}/**', recursive=True)]
        kept = [path for path in places if os.path.isfile(path) and path != self.tests]
        self.assertIn(self.scene.snapshot_file, kept)
        for path in kept:
            with open(path, 'rb') as file:
                self.assertNotIn(b'canaryword', file.read(), path)
        run([sys.executable, os.path.join(ROOT, 'tests', 'schema_test.py'), '--log', self.control.log_path,
             '--audit', os.path.join(self.control.directory, 'audit.jsonl')])
        records = [record for record in self.audited() if record['type'] == 'simulated']
        self.assertTrue(records)
        self.assertEqual({field for record in records for field in record},
                         {'seq', 'time', 'type', 'source', 'entries', 'outcome', 'findings', 'prev'})
