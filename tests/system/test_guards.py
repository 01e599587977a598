# SPDX-License-Identifier: Apache-2.0
"""Lists that are well signed and still not plausible: held for people, the last good one in force, released by two or refused by one.

What is held is seen by its guard and entry ids; that the same source's plausible list is taken in the same run is the control.
"""

import json
import os

from lab.case import figure
from lab.lists_case import ListsCase
from lab.processes import run, wait_until

SECOND = {'withdrawal_wait_s': 2}


def names(first, last, stem='site'):
    return ''.join(f'{stem}{number}.example.test\n' for number in range(first, last + 1)).encode()


class Guards(ListsCase):
    attacks = 0
    GOOD = names(1, 100)

    @classmethod
    def sources(cls):
        cls.sequence = 5
        cls.publish_signed('guarded', cls.GOOD, 5)
        cls.publish_signed('returned', cls.GOOD, 5)
        cls.hotline.publish_bytes('unsigned', cls.GOOD)
        cls.tests = os.path.join(cls.scene.directory, 'tests')
        with open(os.open(cls.tests, os.O_CREAT | os.O_WRONLY, 0o600), 'w', encoding='ascii') as file:
            file.write('site1.example.test\n')
        key = [{'name': 'of-the-hotline', 'minisign': cls.signer.public_key}]
        common = {'poll_interval_ms': 100, 'deadline_ms': 2000}
        return [
            {**common, 'name': 'guarded', 'url': cls.hotline.url('guarded'), 'keys': key, 'test_entries_file': cls.tests},
            {**common, 'name': 'returned', 'url': cls.hotline.url('returned'), 'keys': key, 'guard': {**SECOND}},
            {**common, 'name': 'unsigned', 'url': cls.hotline.url('unsigned')},
        ]

    @classmethod
    def tearDownClass(cls):
        figure(f'{cls.attacks} implausible lists and approvals, each held or refused, the last good list in force')

    def offer(self, content, name='guarded'):
        type(self).sequence += 1
        if name == 'unsigned':
            self.hotline.publish_bytes(name, content)
        else:
            self.publish_signed(name, content, self.sequence)

    def held(self, content, rule, count=None, name='guarded'):
        """The content is held by that guard, audited, the snapshot untouched. Returns what is held."""
        self.wait_well(name)
        snapshot, records = self.snapshot(), len(self.audited())
        self.offer(content, name)
        held = self.wait_held(name)
        rules = {finding['rule']: finding for finding in held['findings']}
        self.assertIn(rule, rules)
        if count is not None:
            self.assertEqual(rules[rule]['count'], count)
            self.assertEqual(len(rules[rule]['entry_ids']), min(count, 1000))
        self.assertEqual(self.snapshot(), snapshot, 'the last good list is not in force any more')
        audited = [record for record in self.audited()[records:] if record['type'] == 'list_held' and record['source'] == name]
        self.assertEqual(len(audited), 1)
        self.assertIn(rule, audited[0]['findings'])
        self.assertEqual(audited[0]['subject'], held['subject'])
        type(self).attacks += 1
        return held

    def back_to_good(self, name='guarded'):
        self.offer(self.GOOD, name)
        wait_until(lambda: 'held' not in self.source(name), 15, 'nothing to wait any more', 0.05)
        self.wait_well(name)

    def held_then_good(self, content, rule, count=None, name='guarded'):
        self.held(content, rule, count, name)
        self.back_to_good(name)

    # how much it changed

    def test_a_half_more_at_once(self):
        self.held_then_good(names(1, 151), 'growth', 51)

    def test_b_a_third_less_at_once_unsigned(self):
        self.held_then_good(names(1, 69), 'shrink', 31, 'unsigned')

    def test_c_another_list_of_the_same_size(self):
        self.held_then_good(names(1, 1) + names(2, 100, 'other'), 'growth', 99)

    def test_d_five_times_as_many(self):
        self.wait_well('guarded')
        snapshot = self.snapshot()
        self.offer(names(1, 500))
        seen = self.wait_refusal('guarded')
        self.assertEqual(seen['error_code'], 'refused')
        self.assertIn('times the median of 30 days', seen['error_context'])
        self.assertNotIn('held', seen)
        self.assertEqual(self.snapshot(), snapshot)
        self.back_to_good()
        type(self).attacks += 1

    # names that no list may stop

    def test_e_a_public_suffix(self):
        self.held_then_good(self.GOOD + b'co.test\n', 'public_suffix', 1)

    def test_f_a_top_site(self):
        self.held_then_good(self.GOOD + b'top.example.test\n', 'top_site', 1)

    def test_g_a_top_site_by_its_www_name_and_by_its_front_page(self):
        self.held_then_good(self.GOOD + b'www.news.invalid\nhttp://news.invalid/\n', 'top_site', 2)

    def test_h_a_host_of_many_sites(self):
        self.held_then_good(self.GOOD + b'shared.example.test\n', 'shared_host', 1)

    def test_i_the_operators_own_names(self):
        self.held_then_good(self.GOOD + b'portal.provider.test\nhttp://provider.test/stopped\n', 'own_name', 2)

    def test_j_a_resolver(self):
        self.held_then_good(self.GOOD + b'dns.provider.test\n', 'resolver', 1)

    def test_k_a_hotline(self):
        self.held_then_good(self.GOOD + b'report.hotline.test\n', 'hotline', 1)

    def test_l_where_certificates_are_checked(self):
        self.held_then_good(self.GOOD + b'http://ocsp.authority.test/status\n', 'certificate', 1)

    def test_m_a_name_of_special_use(self):
        self.held_then_good(self.GOOD + b'router.home.invalid\n', 'special_use', 1)

    def test_n_a_page_on_a_top_site_is_no_attack(self):
        sequence = self.source('guarded')['sequence']
        self.offer(self.GOOD + b'http://top.example.test/user/page\nsub.top.example.test\n')
        self.wait_sequence('guarded', sequence + 1)
        self.assertNotIn('held', self.source('guarded'))
        self.offer(self.GOOD)
        self.wait_sequence('guarded', sequence + 2)

    def test_o_a_list_without_its_test_entries(self):
        self.held_then_good(names(2, 100), 'self_test')

    # guard data

    def with_guard_file(self, name, content, text):
        path = os.path.join(self.scene.guard_directory, name)
        with open(path, encoding='ascii') as file:
            before = file.read()
        try:
            if content is None:
                os.unlink(path)
            else:
                with open(path, 'w', encoding='ascii') as file:
                    file.write(content)
            held = self.held(names(1, 101), 'guard_data')
            self.assertIn(text, next(each for each in held['findings'] if each['rule'] == 'guard_data')['note'])
        finally:
            with open(path, 'w', encoding='ascii') as file:
                file.write(before)
        self.back_to_good()

    def test_p_guard_data_missing(self):
        self.with_guard_file('top_sites.txt', None, 'top_sites.txt')

    def test_q_guard_data_empty(self):
        self.with_guard_file('own_names.txt', '# nobody\n', 'holds no name')

    def test_r_guard_data_of_last_year(self):
        self.with_guard_file('hotlines.txt', '# as of: 2025-11-01\nhotline.test\n', 'more than 90 days old')

    # who releases it

    def test_s_the_same_person_twice(self):
        self.held(names(1, 160), 'growth', 60)
        self.assertEqual(self.approve('anna', 'guarded').returncode, 0)
        again = self.approve('anna', 'guarded')
        self.assertEqual(again.returncode, 3)
        self.assertIn('another person must', again.stderr)
        self.assertEqual(self.source('guarded')['held']['approved_by'], ['anna'])
        self.back_to_good()

    def test_t_two_people_release_it(self):
        sequence = self.source('guarded')['sequence']
        self.held(names(1, 161), 'growth', 61)
        self.assertIn('another person must approve', self.approve('anna', 'guarded').stdout)
        self.assertIn('released', self.approve('boris', 'guarded').stdout)
        self.assertEqual(self.source('guarded')['sequence'], sequence + 1)
        self.assertEqual(sum(self.source('guarded')['entries'].values()), 161)
        said = [record for record in self.audited() if record['type'] == 'list_decision']
        self.assertEqual([(record['approver'], record['outcome']) for record in said[-2:]],
                         [('anna', 'open'), ('boris', 'approved')])
        # the way back removes 61 of 161: signed, so one person is enough
        self.offer(self.GOOD)
        self.wait_held('guarded')
        self.assertIn('released', self.approve('carla', 'guarded').stdout)
        self.wait_well('guarded')

    def test_u_one_refusal_ends_it(self):
        self.held(names(1, 162), 'growth', 62)
        self.assertEqual(self.approve('anna', 'guarded').returncode, 0)
        self.assertIn('refused', self.approve('carla', 'guarded', '--refuse').stdout)
        seen = self.wait_refusal('guarded')
        self.assertIn('refused by carla', seen['error_context'])
        self.assertEqual(self.approve('boris', 'guarded').returncode, 1, 'nothing waits any more')
        self.back_to_good()

    def test_v_a_stranger_and_a_borrowed_name(self):
        self.held(names(1, 163), 'growth', 63)
        for name, text in (('mallory', 'no [[approver]]'), ('anna', 'signature')):
            key = os.path.join(self.scene.directory, f'false-{name}.key')
            run([self.control.binaries.cli, 'key', 'new', name, key])
            answer = self.control.ask('approve', 'guarded', '--key', key)
            self.assertEqual(answer.returncode, 3)
            self.assertIn(text, answer.stderr)
        self.assertEqual(self.source('guarded')['held']['approved_by'], [])
        self.back_to_good()

    def test_w_an_approval_for_another_list(self):
        held = self.held(names(1, 164), 'growth', 64)
        self.assertEqual(self.approve('anna', 'guarded').returncode, 0)
        self.offer(names(1, 165))
        wait_until(lambda: self.source('guarded')['held']['subject'] != held['subject'], 15, 'the next version to be held', 0.05)
        self.assertEqual(self.source('guarded')['held']['approved_by'], [])
        self.back_to_good()

    # what a source takes back

    def test_x_an_empty_signed_list_waits_for_one_person(self):
        held = self.held(b'', 'shrink', 100)
        self.assertTrue(held['withdrawal'])
        self.assertEqual(held['people_needed'], 1)
        self.back_to_good()

    def test_y_a_withdrawal_that_nobody_answers_is_taken_after_its_wait(self):
        sequence = self.source('returned')['sequence']
        self.held(names(1, 60), 'shrink', 40, 'returned')
        self.wait_sequence('returned', sequence + 1)
        self.assertEqual(sum(self.source('returned')['entries'].values()), 60)
        self.assertIn('withdrawal_taken', [record['type'] for record in self.audited()])

    def test_z_what_is_held_is_told(self):
        self.held(names(1, 166), 'growth', 66)
        told = self.control.ask('held')
        self.assertEqual(told.returncode, 1)
        self.assertIn('growth', told.stdout)
        listed = json.loads(self.control.ask('held', '--json').stdout)['held']
        self.assertEqual([one['source'] for one in listed], ['guarded'])
        self.assertIn('parapet_source_held{source="guarded"} 1', self.control.metrics())
        self.back_to_good()
        self.assertEqual(self.control.ask('held').returncode, 0)
