# SPDX-License-Identifier: Apache-2.0
"""Sources that send what changes between two versions: it applies to exactly the version that it names, and what comes of it is judged,
archived and withdrawn as a whole list is.

Every attack has its control in the same run: before and after it the source is polled with success.
"""

import csv
import io
import json
import os

from lab.archive import open_archive
from lab.case import figure
from lab.lists_case import ListsCase
from lab.processes import wait_until

PLACES = {'entries': '/items'}


def names(first, last, stem='site'):
    return [f'{stem}{number}.example.test' for number in range(first, last + 1)]


def rows_of(add, remove):
    return [(name, 'add') for name in add] + [(name, 'remove') for name in remove]


def as_json(version, base=None, add=(), remove=()):
    items = [{'value': name, 'operation': operation} for name, operation in rows_of(add, remove)]
    return json.dumps({'version': version, 'base': base, 'items': items}).encode()


def as_jsonl(version, base=None, add=(), remove=()):
    return ''.join(json.dumps({'value': name, 'operation': operation, 'version': str(version), 'base': base}) + '\n'
                   for name, operation in rows_of(add, remove)).encode()


def as_csv(version, base=None, add=(), remove=()):
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(['version', 'base', 'operation', 'value'])
    rows.writerows([version, base or '', operation, name] for name, operation in rows_of(add, remove))
    return text.getvalue().encode()


class Increments(ListsCase):
    GOOD = names(1, 100)

    @classmethod
    def sources(cls):
        cls.version, cls.held_names = {}, {}
        cls.sequence = 5
        common = {'poll_interval_ms': 100, 'deadline_ms': 2000, 'increments': True}
        for name, text in (('signed', as_json), ('lines', as_jsonl), ('table', as_csv), ('followed', as_json)):
            cls.held_names[name] = set(cls.GOOD)
            cls.version[name] = 10
            cls.publish(name, text(10, None, cls.GOOD))
        cls.publish('bare', as_json(11, 10, ['new.example.test']))
        cls.publish('followed-full', as_json(10, None, cls.GOOD))
        return [
            {**common, 'name': 'signed', 'url': cls.hotline.url('signed'), 'format': 'json', 'json': PLACES, 'guard': {'withdrawal_wait_s': 1},
             'keys': [{'name': 'of-the-hotline', 'minisign': cls.signer.public_key}]},
            {**common, 'name': 'lines', 'url': cls.hotline.url('lines'), 'format': 'jsonl'},
            {**common, 'name': 'table', 'url': cls.hotline.url('table'), 'format': 'csv'},
            {**common, 'name': 'bare', 'poll_interval_ms': 3_600_000, 'url': cls.hotline.url('bare'), 'format': 'json', 'json': PLACES},
            {**common, 'name': 'followed', 'url': cls.hotline.url('followed'), 'full_url': cls.hotline.url('followed-full'),
             'format': 'json', 'json': PLACES},
        ]

    @classmethod
    def tearDownClass(cls):
        figure(f'{cls.attacks} increments that fit nothing or too little, each refused or held, the last good list in force')

    @classmethod
    def publish(cls, name, content, **how):
        if name == 'signed':
            cls.sequence += 1
            cls.publish_signed(name, content, cls.sequence, **how)
        else:
            cls.hotline.publish_bytes(name, content)

    def restore(self, name):
        self.publish(name, as_json(self.version[name], None, sorted(self.held_names[name])))

    def entries(self, name):
        return self.source(name)['entries']['host']

    def increase(self, name, add=(), remove=(), text=as_json):
        """An honest increment; it is in force, archived as a whole list, when this returns."""
        version = self.version[name]
        sequence = self.source(name)['sequence']
        self.publish(name, text(version + 1, version, add, remove))
        self.wait_sequence(name, sequence + 1)
        self.version[name] = version + 1
        self.held_names[name] = (self.held_names[name] | set(add)) - set(remove)
        self.assertEqual(self.entries(name), len(self.held_names[name]))
        with open(os.path.join(self.control.directory, 'archive.key'), 'rb') as key:
            archived = open_archive(os.path.join(self.control.directory, 'archive', name, str(sequence + 1)), key.read())
        self.assertEqual({text for _, text in archived.values()}, {f'host:{name}' for name in self.held_names[name]})

    def is_listed(self, host, name):
        answer = json.loads(self.control.ask('explain', '--json', host).stdout)
        return name in [match['list'] for match in answer['explain']['matches']]

    # what they are for

    def test_a_an_increment_makes_a_whole_list_in_each_format(self):
        for name, text in (('signed', as_json), ('lines', as_jsonl), ('table', as_csv), ('followed', as_json)):
            self.increase(name, ['new.example.test', 'newer.example.test'], ['site1.example.test'], text)
            listed = [self.is_listed(host, name) for host in ('site1.example.test', 'new.example.test', 'site2.example.test')]
            self.assertEqual(listed, [False, True, True], name)
        self.increase('signed', [], ['new.example.test'])
        self.assertFalse(self.is_listed('new.example.test', 'signed'))
        accepted = [each for each in self.audited() if each['type'] == 'list_accepted' and each['source'] == 'signed']
        self.assertEqual([(each['entries'], each['feed_version']) for each in accepted], [(100, 10), (101, 11), (100, 12)])

    def test_b_one_that_comes_again_changes_nothing(self):
        self.increase('lines', ['again.example.test'], text=as_jsonl)
        snapshot, sequence = self.snapshot(), self.source('lines')['sequence']
        version = self.version['lines']
        self.publish('lines', as_jsonl(version, version - 1, ['again.example.test']) + b'\n')
        self.wait_well('lines')
        self.assertEqual((self.snapshot(), self.source('lines')['sequence']), (snapshot, sequence))

    # attacks

    def refused_increment(self, context, version, base, add=(), remove=(), name='signed', code='refused', **how):
        return self.refused(name, code, context, lambda: self.publish(name, as_json(version, base, add, remove), **how))

    def test_c_without_any_base(self):
        seen = self.wait_refusal('bare')
        self.assertIn('it changes version 10 of the list to 11, and ours is none', seen['error_context'])
        self.assertFalse(seen['loaded'])
        type(self).attacks += 1

    def test_d_of_another_base(self):
        version = self.version['signed']
        self.refused_increment(f'it changes version {version + 1} of the list', version + 2, version + 1, ['evil.example.test'])

    def test_e_another_one_under_the_number_that_is_here(self):
        version = self.version['signed']
        self.refused_increment('another increment bears the number of our version', version, version - 1, ['evil.example.test'])

    def test_f_of_another_signer_or_none(self):
        version = self.version['signed']
        self.refused_increment('which is none of the source', version + 1, version, ['evil.example.test'], code='integrity', signer=self.stranger)

        def unsigned():
            self.hotline.publish_bytes('signed', as_json(version + 1, version, ['evil.example.test']))
            os.unlink(os.path.join(self.hotline.folder, 'signed.minisig'))
        self.refused('signed', 'refused', 'the signature: the source answers HTTP 404', unsigned)

    def test_g_a_removal_of_what_is_not_there(self):
        version = self.version['signed']
        self.refused_increment('it removes 1 entries that its base has not', version + 1, version, [], ['nowhere.example.test'])

    # guards

    def test_h_growth_in_small_steps_is_seen(self):
        """Each step is a fifth of the list, and no step alone is too much."""
        self.restore('signed')
        self.wait_well('signed')
        count = len(self.held_names['signed'])
        self.increase('signed', names(1, 20, 'step'))
        self.increase('signed', names(21, 40, 'step'))
        snapshot, version = self.snapshot(), self.version['signed']
        self.publish('signed', as_json(version + 1, version, names(41, 60, 'step')))
        held = self.wait_held('signed')
        self.assertEqual([(each['rule'], each['count'], len(each['entry_ids'])) for each in held['findings']], [('growth', 60, 20)])
        self.assertEqual((self.snapshot(), self.entries('signed')), (snapshot, count + 40))
        # One more on top of what is held is judged with it.
        self.publish('signed', as_json(version + 2, version + 1, ['more.example.test']))
        wait_until(lambda: self.source('signed')['held']['entries'] == count + 61, 15, 'the next increment', 0.05)
        self.assertEqual(self.snapshot(), snapshot)
        for person in ('anna', 'boris'):
            self.assertEqual(self.approve(person, 'signed').returncode, 0)
        self.version['signed'] = version + 2
        self.held_names['signed'] |= set(names(41, 60, 'step')) | {'more.example.test'}
        self.assertEqual(self.entries('signed'), count + 61)
        self.increase('signed', ['last.example.test'])
        type(self).attacks += 2

    def test_i_removal_of_everything_waits_as_a_withdrawal(self):
        snapshot, version = self.snapshot(), self.version['signed']
        self.publish('signed', as_json(version + 1, version, [], sorted(self.held_names['signed'])))
        held = self.wait_held('signed')
        self.assertTrue(held['withdrawal'])
        self.assertEqual(held['entries'], 0)
        self.assertEqual(self.snapshot(), snapshot)
        wait_until(lambda: self.entries('signed') == 0, 15, 'the withdrawal', 0.05)
        self.version['signed'], self.held_names['signed'] = version + 1, set()
        self.increase('signed', names(1, 20))
        type(self).attacks += 1

    def test_j_removal_of_everything_unsigned_is_refused(self):
        version = self.version['table']
        gone = as_csv(version + 1, version, [], sorted(self.held_names['table']))
        mend = lambda: self.publish('table', as_csv(version, None, sorted(self.held_names['table'])))  # noqa: E731
        self.refused('table', 'refused', 'the list is empty, is not signed', lambda: self.publish('table', gone), mend)

    def test_k_a_gap_is_audited_and_the_whole_list_fetched(self):
        records = len(self.audited())
        sequence, version = self.source('followed')['sequence'], self.version['followed']
        whole = sorted(self.held_names['followed'] | {'missed.example.test', 'next.example.test'})
        self.publish('followed-full', as_json(version + 2, None, whole))
        self.publish('followed', as_json(version + 2, version + 1, ['next.example.test']))
        self.wait_sequence('followed', sequence + 1)
        self.wait_well('followed')
        seen = [(each['type'], each.get('feed_version')) for each in self.audited()[records:] if each.get('source') == 'followed']
        self.assertEqual(seen[:2], [('list_refused', None), ('list_accepted', version + 2)])
        self.version['followed'], self.held_names['followed'] = version + 2, set(whole)
        self.increase('followed', ['on.example.test'], ['missed.example.test'])
        type(self).attacks += 1
