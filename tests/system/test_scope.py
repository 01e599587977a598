# SPDX-License-Identifier: Apache-2.0
"""The scope lock: a list of another category is refused; a lock that is older, or not signed by two people, changes nothing and stops new lists.

That the same source's next list is taken once the lock is right again is the control.
"""

import os

from lab.case import figure
from lab.lists_case import ListsCase
from lab.processes import run, wait_until
from lab.programs import LEGAL, Person, make_scope_lock


class ScopeLock(ListsCase):
    attacks = 0

    @classmethod
    def sources(cls):
        cls.anna, cls.boris, cls.carla = cls.scene.people
        cls.count = 1
        cls.hotline.publish('hotline', ['site1.example.test'])
        cls.hotline.publish('other', ['site1.example.test'])
        common = {'poll_interval_ms': 100, 'deadline_ms': 2000}
        return [{**common, 'name': 'hotline', 'url': cls.hotline.url('hotline')},
                {**common, 'name': 'other', 'url': cls.hotline.url('other'), 'legal': {**LEGAL, 'category': 'copyright'}}]

    @classmethod
    def tearDownClass(cls):
        figure(f'{cls.attacks} scope locks that two people did not sign for now, each refused, the last good list in force')

    def lock(self, categories, sequence, *people):
        make_scope_lock(self.control.binaries.cli, self.scene.scope_lock, categories, sequence, people)

    def scope(self):
        return self.status()['scope']

    def wait_state(self, state):
        return wait_until(lambda: self.scope() if self.scope()['state'] == state else None, 15, f'a scope lock {state}', 0.05)

    def audited_since(self, records, kind):
        return [record for record in self.audited()[records:] if record['type'] == kind]

    def offer_another(self):
        """The hotline's list gets one entry more."""
        type(self).count += 1
        self.hotline.publish('hotline', [f'site{number}.example.test' for number in range(1, self.count + 1)])

    def accept(self, categories, sequence, *people):
        """A good lock is accepted, with one audit record, and the next list is taken."""
        records = len(self.audited())
        self.lock(categories, sequence, *people)
        wait_until(lambda: self.scope()['sequence'] == sequence and self.scope()['state'] == 'in_force', 15, 'the lock', 0.05)
        changed = self.audited_since(records, 'scope_lock_changed')
        self.assertEqual([(each['sequence'], each['categories'], each['signed_by']) for each in changed],
                         [(sequence, ' '.join(sorted(categories)), ' '.join(person.name for person in people))])
        self.assertEqual(changed[0]['digest'], self.scope()['digest'])

    def refused_lock(self, attack, code, context):
        """attack() puts a lock there that is no good: it is told, audited once, and nothing new is taken until the good one is back."""
        self.wait_well('hotline')
        with open(self.scene.scope_lock, 'rb') as file:
            good = file.read()
        before, snapshot, records = self.scope(), self.snapshot(), len(self.audited())
        try:
            attack()
            seen = self.wait_state('refused')
            self.assertEqual(seen['error_code'], code)
            self.assertIn(context, seen['error_context'])
            for field in ('sequence', 'digest', 'categories', 'signed_by'):
                self.assertEqual(seen[field], before[field])
            self.offer_another()
            refusal = self.wait_refusal('hotline')
            self.assertIn('no new list is taken', refusal['error_context'])
            self.assertEqual(self.snapshot(), snapshot, 'the last good list is not in force any more')
            self.assertEqual(len(self.audited_since(records, 'scope_lock_refused')), 1)
            self.assertIn('parapet_scope_lock{state="refused"} 1', self.control.metrics())
            status = self.control.status()
            self.assertIn('WARNING scope_lock_refused', status.stdout)
        finally:
            with open(f'{self.scene.scope_lock}.good', 'wb') as file:
                file.write(good)
            os.replace(f'{self.scene.scope_lock}.good', self.scene.scope_lock)
        self.wait_state('in_force')
        self.wait_well('hotline')
        self.assertNotEqual(self.snapshot(), snapshot, 'the refused list was not taken afterwards')
        type(self).attacks += 1

    def test_a_two_people_signed_it_and_a_list_in_it_is_enforced(self):
        self.wait_well('hotline')
        self.assertEqual(self.source('hotline')['state'], 'enforce')
        self.assertTrue(self.source('hotline')['in_scope'])
        first = [record for record in self.audited() if record['type'] == 'scope_lock_changed']
        self.assertEqual([(each['sequence'], each['categories'], each['signed_by']) for each in first], [(1, 'csam', 'anna boris')])
        self.assertIn('scope lock 1: csam; signed by anna, boris', self.control.status().stdout)
        shown = run([self.control.binaries.cli, 'scope', 'show', self.scene.scope_lock, '--config', self.control.config])
        self.assertIn('right: 2 approvers', shown.stdout)

    def test_b_a_list_of_another_category_is_refused(self):
        seen = self.wait_refusal('other')
        self.assertIn('copyright is not in the scope lock', seen['error_context'])
        self.assertEqual((seen['loaded'], seen['in_scope'], seen['state']), (False, False, 'shadow'))
        refused = [record for record in self.audited() if record['type'] == 'list_refused' and record['source'] == 'other']
        self.assertEqual(len(refused), 1)
        self.assertIn('parapet_source_in_scope{source="other"} 0', self.control.metrics())
        self.assertIn('WARNING source_out_of_scope', self.control.status().stdout)

    def test_c_one_person(self):
        self.refused_lock(lambda: self.lock(['csam', 'copyright'], 2, self.anna), 'refused', '1 of the approvers')

    def test_d_one_person_twice(self):
        def attack():
            self.lock(['csam', 'copyright'], 2, self.anna)
            with open(self.scene.scope_lock, encoding='ascii') as file:
                text = file.read()
            with open(f'{self.scene.scope_lock}.twice', 'w', encoding='ascii') as file:
                file.write(text + text[text.index('signature: '):])
            os.replace(f'{self.scene.scope_lock}.twice', self.scene.scope_lock)
        self.refused_lock(attack, 'malformed', 'two signatures by anna')

    def test_e_a_stranger_and_a_borrowed_name(self):
        folder = os.path.join(self.scene.directory, 'false')
        os.makedirs(folder)
        mallory, false_boris = (Person(self.control.binaries.cli, folder, name) for name in ('mallory', 'boris'))
        self.refused_lock(lambda: self.lock(['csam', 'copyright'], 2, self.anna, mallory), 'refused', '1 of the approvers')
        self.refused_lock(lambda: self.lock(['csam', 'copyright'], 2, self.anna, false_boris), 'integrity', 'the signature by boris')

    def test_f_missing_and_malformed(self):
        self.refused_lock(lambda: os.unlink(self.scene.scope_lock), 'not_found', 'scope lock')

        def attack():
            with open(self.scene.scope_lock, 'r+', encoding='ascii') as file:
                text = file.read()
                file.seek(0)
                file.write(text.replace('csam', 'cash'))
        self.refused_lock(attack, 'integrity', 'signature')

    def test_g_a_newer_one_lets_the_other_list_in_and_the_old_one_does_not_come_back(self):
        self.accept(['csam', 'copyright'], 5, self.boris, self.carla)
        self.wait_well('other')
        self.assertEqual(self.source('other')['state'], 'enforce')
        self.refused_lock(lambda: self.lock(['csam'], 4, self.anna, self.boris), 'refused', 'older than the accepted one, 5')
        self.refused_lock(lambda: self.lock(['csam'], 5, self.anna, self.boris), 'refused', 'says something else')

    def test_h_nor_over_a_restart(self):
        records = len(self.audited())
        self.control.stop()
        self.lock(['csam', 'news'], 4, self.anna, self.boris)
        self.control.start()
        self.assertEqual(self.audited_since(records, 'configuration_changed'), [], 'control.toml is as it was')
        seen = self.wait_state('refused')
        self.assertEqual((seen['sequence'], seen['categories']), (5, ['copyright', 'csam']))
        self.assertEqual(self.source('hotline')['state'], 'enforce')
        self.lock(['csam'], 6, self.anna, self.boris)
        self.wait_state('in_force')

    def test_i_a_category_that_is_taken_out_only_counts_from_then(self):
        wait_until(lambda: self.source('other')['state'] == 'shadow', 15, 'the list to be in shadow', 0.05)
        self.assertEqual(self.source('hotline')['state'], 'enforce')
