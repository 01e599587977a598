# SPDX-License-Identifier: Apache-2.0
"""Policy zones: from a real primary by AXFR and TSIG, and from one that misbehaves. What is refused is audited, and the last good
list stays in force.

Every attack has its control in the same run: before and after it the zone is polled with success.
"""

import json
import os
import random
import time

from lab.case import figure
from lab.lists_case import ListsCase
from lab.primary import KEY_NAME, OTHER_SECRET, ZONE, HostilePrimary, PolicyResolver, Primary, key_line, zone_text
from lab.processes import run, wait_until
from lab.programs import write_file

RULES = ['domain.example.test CNAME .', '*.domain.example.test CNAME .', 'host.example.test CNAME *.',
         '*.below.example.test CNAME .', '24.0.2.0.192.rpz-ip CNAME .']
HOSTILE_RULES = [['hostile.example.test', '.']]
MAX_SIZE = 200_000


class PolicyZones(ListsCase):
    @classmethod
    def sources(cls):
        cls.key_file = os.path.join(cls.scene.directory, 'tsig')
        cls.put_key(key_line())
        cls.primary = Primary(os.path.join(cls.scene.directory, 'knot'), 5300, cls.scene.office)
        cls.serial = 10
        cls.primary.publish(cls.serial, RULES)
        cls.scene.end_with(cls.primary.stop)
        cls.primary.start()
        cls.hostile = HostilePrimary(os.path.join(cls.scene.directory, 'hostile'), 5301, cls.scene.office)
        cls.scene.end_with(cls.hostile.stop)
        cls.hostile.publish(7, HOSTILE_RULES)
        cls.scene.hotline.publish_bytes('zone', zone_text(1, ['file.example.test CNAME rpz-drop.']).encode())
        common = {'ca_file': None, 'tsig_key_file': cls.key_file, 'poll_interval_ms': 100, 'deadline_ms': 1000,
                  'max_size_bytes': MAX_SIZE, 'zone': ZONE}
        return [
            {**common, 'name': 'zone', 'primary': cls.primary.address, 'guard': {'small_change': 10000}},
            {**common, 'name': 'hostile', 'primary': cls.hostile.address},
            {'name': 'file', 'url': cls.scene.hotline.url('zone'), 'format': 'rpz', 'poll_interval_ms': 100},
        ]

    @classmethod
    def tearDownClass(cls):
        figure(f'{cls.attacks} attacks on policy zones, each refused and audited, the last good list in force')

    @classmethod
    def put_key(cls, line):
        write_file(f'{cls.key_file}.made', line)
        os.chmod(f'{cls.key_file}.made', 0o600)
        os.replace(f'{cls.key_file}.made', cls.key_file)

    def explained(self, name):
        """The kinds of the entries that hold this name."""
        answer = json.loads(self.control.explain(name, '--json').stdout)
        return [match['kind'] for match in answer.get('explain', answer)['matches']]

    def refused(self, name, code, context, attack, mend):
        for record in super().refused(name, code, context, attack, mend):
            self.assertNotIn('hostile.example', record['context'])

    # a real primary

    def test_a_what_the_zone_says_is_in_force(self):
        self.assertEqual(self.explained('domain.example.test'), ['domain'])
        self.assertEqual(self.explained('www.domain.example.test'), ['domain'])
        self.assertEqual(self.explained('host.example.test'), ['host'])
        for name in ('www.host.example.test', 'below.example.test', 'www.below.example.test', 'example.test'):
            self.assertEqual(self.explained(name), [], name)
        self.assertEqual(self.explained('file.example.test'), ['host'])
        source = self.source('zone')
        self.assertEqual((source['entries']['host'], source['entries']['domain']), (1, 1))
        self.assertEqual(source['ledger']['dns'], {'exact': 2, 'widened': 0, 'unenforceable': 2})
        accepted = [record for record in self.audited() if record['type'] == 'list_accepted' and record['source'] == 'zone']
        self.assertEqual((accepted[0]['entries'], accepted[0]['unenforceable']), (2, 2))

    def test_b_the_same_serial_transfers_nothing(self):
        def transfers():
            with open(self.primary.daemon.log_path, encoding='utf-8') as log:
                return log.read().count('AXFR, outgoing')
        before, sequence = transfers(), self.source('zone')['sequence']
        self.assertGreater(before, 0)
        for _ in range(3):
            self.wait_well('zone')
        self.assertEqual((transfers(), self.source('zone')['sequence']), (before, sequence))

    def test_c_a_newer_serial_is_followed(self):
        sequence = self.source('zone')['sequence']
        self.publish_next([*RULES, 'new.example.test CNAME .'])
        began = time.monotonic()
        self.wait_sequence('zone', sequence + 1)
        figure(f'a changed zone in force {time.monotonic() - began:.2f} s after its primary had it, polled every 0.1 s')
        self.assertEqual(self.explained('new.example.test'), ['host'])
        self.publish_next(RULES)
        self.wait_sequence('zone', sequence + 2)
        self.assertEqual(self.explained('new.example.test'), [])

    def publish_next(self, rules):
        type(self).serial += 1
        self.primary.publish(self.serial, rules)

    def test_d_a_zone_of_many_messages(self):
        sequence = self.source('zone')['sequence']
        self.publish_next([*RULES, *(f'n{number}.many.example.test CNAME .' for number in range(2500))])
        self.wait_sequence('zone', sequence + 1)
        self.assertEqual(self.explained('n2499.many.example.test'), ['host'])
        self.publish_next(RULES)
        self.wait_sequence('zone', sequence + 2)

    def test_e_another_secret(self):
        self.refused('zone', 'refused', 'BADSIG', lambda: self.put_key(key_line(secret=OTHER_SECRET)),
                     lambda: self.put_key(key_line()))

    def test_f_a_key_that_the_primary_does_not_know(self):
        self.refused('zone', 'refused', 'BADKEY', lambda: self.put_key(key_line(name=f'other.{KEY_NAME}')),
                     lambda: self.put_key(key_line()))

    def test_g_a_serial_gone_back(self):
        self.refused('zone', 'refused', 'an old list does not come back',
                     lambda: self.primary.publish(self.serial - 1, ['old.example.test CNAME .']),
                     lambda: self.primary.publish(self.serial, RULES))
        self.assertEqual(self.explained('old.example.test'), [])

    def test_h_a_primary_that_is_away(self):
        self.refused('zone', 'unavailable', 'no connection', self.primary.stop, self.primary.start)

    def test_i_a_rule_that_cannot_be_read(self):
        def mend():
            self.publish_next(RULES)
        self.refused('zone', 'malformed', 'cannot be read: line',
                     lambda: self.publish_next([*RULES, '24.0.2.0.192.rpz-client-ip CNAME rpz-passthru.']), mend)

    def test_j_a_zone_without_rules(self):
        self.refused('zone', 'refused', 'the list is empty', lambda: self.publish_next([]), lambda: self.publish_next(RULES))

    def test_k_the_last_good_list_outlives_a_restart(self):
        sequence = self.source('zone')['sequence']
        self.control.stop()
        self.control.start()
        self.wait_well('zone')
        self.assertEqual(self.source('zone')['sequence'], sequence)
        self.assertEqual(self.explained('domain.example.test'), ['domain'])

    def test_l_a_resolver_stops_whatever_we_stop(self):
        """Zones at random: what parapetd has listed, unbound keeps back with the same zone."""
        draw = random.Random(7)
        names = ['x.example.test']
        for parent in names:
            if parent.count('.') < 5:
                names += [f'a.{parent}', f'b.{parent}']
        listed = by_resolver = 0
        for number in range(5):
            rules = [f'round{number}.example.test CNAME .']
            for name in names[:7]:
                for trigger in (name, f'*.{name}'):
                    if draw.random() < 0.6:
                        rules.append(f'{trigger} CNAME {draw.choice([".", ".", ".", ".", ".", "rpz-passthru."])}')
            sequence = self.source('zone')['sequence']
            self.publish_next(rules)
            self.wait_sequence('zone', sequence + 1)
            with PolicyResolver(os.path.join(self.scene.directory, f'resolver{number}'), 5302,
                                os.path.join(self.primary.folder, 'zone'), self.primary) as resolver:
                for name in names:
                    is_listed, is_kept_back = bool(self.explained(name)), resolver.status(name) == 'NXDOMAIN'
                    self.assertTrue(is_kept_back or not is_listed, f'{name} in {rules}')
                    self.assertTrue(is_listed or f'{name} CNAME .' not in rules, f'{name} in {rules}')
                    listed += is_listed
                    by_resolver += is_kept_back
        self.assertGreater(listed, 20)
        figure(f'{listed} of the {by_resolver} names that unbound keeps back are entries, none besides')
        self.publish_next(RULES)
        self.wait_well('zone')

    # one that misbehaves

    def misbehaves(self, how, code, context):
        """In a transfer that would bring another list."""
        def attack():
            self.hostile.publish(8, [['other.example.test', '.']], how)
        self.refused('hostile', code, context, attack, lambda: self.hostile.publish(7, HOSTILE_RULES))
        self.assertEqual(self.explained('other.example.test'), [])

    def test_hostile_a_not_signed(self):
        self.misbehaves('all_unsigned', 'integrity', 'is not signed')

    def test_hostile_b_last_message_not_signed(self):
        self.misbehaves('last_unsigned', 'integrity', "last message is not signed")

    def test_hostile_c_signed_with_another_secret(self):
        self.misbehaves('other_secret', 'integrity', 'the signature does not fit')

    def test_hostile_d_signed_with_another_key(self):
        self.misbehaves('other_name', 'integrity', 'another key')

    def test_hostile_e_signed_an_hour_ago(self):
        self.misbehaves('old', 'integrity', "apart from this box's time")

    def test_hostile_f_cut_in_a_message(self):
        self.misbehaves('cut', 'integrity', 'cut short')

    def test_hostile_g_cut_between_messages(self):
        self.misbehaves('no_end', 'integrity', 'cut short')

    def test_hostile_h_endless(self):
        self.misbehaves('endless', 'limit', f'max_size_bytes = {MAX_SIZE}')

    def test_hostile_i_slow(self):
        self.misbehaves('slow', 'timeout', 'deadline_ms')

    def test_hostile_j_says_that_it_is_truncated(self):
        self.misbehaves('truncated', 'integrity', 'truncated')

    def test_hostile_k_ends_with_another_soa(self):
        self.misbehaves('other_soa', 'integrity', 'another SOA')

    def test_hostile_l_names_outside_the_zone(self):
        self.misbehaves('outside', 'malformed', 'outside the zone')

    def test_hostile_m_older_than_its_soa_said(self):
        self.misbehaves('soa_only_older', 'refused', 'an old list does not come back')

    def test_hostile_n_no_answer_to_our_question(self):
        self.misbehaves('other_id', 'malformed', 'no answer to our question')

    def test_hostile_o_bytes_that_are_no_message(self):
        self.misbehaves('garbage', 'malformed', 'cannot be read at byte')

    def test_zz_the_audit_log_is_whole(self):
        verified = run([self.control.binaries.cli, 'audit', 'verify', os.path.join(self.control.directory, 'audit.jsonl')])
        self.assertIn('whole: ', verified.stdout)
