# SPDX-License-Identifier: Apache-2.0
"""A clock ten years wrong, ahead and behind, under a running parapetd and at its start: nothing expires and nothing revives."""

import datetime
import re

from lab.case import figure
from lab.lists_case import ListsCase
from lab.moved_clock import MovedClock
from lab.processes import wait_until

TEN_YEARS = 3653 * 86_400
DAY = 86_400


class Clock(ListsCase):
    sequence = 1
    moved = 0

    @classmethod
    def sources(cls):
        cls.clock = MovedClock(cls.scene.directory)
        cls.hotline.publish_bytes('signed', cls.content(1))
        cls.hotline.publish_bytes('signed.minisig', cls.signature('signed', 1))
        ends = datetime.datetime.fromtimestamp(cls.now + 30 * DAY, datetime.timezone.utc)
        return [{'name': 'signed', 'url': cls.hotline.url('signed'), 'ends': ends,
                 'keys': [{'name': 'of-the-hotline', 'minisign': cls.signer.public_key}]}]

    @staticmethod
    def content(sequence):
        return f'signed.example.test\nn{sequence}.example.test\n'.encode()

    @classmethod
    def tearDownClass(cls):
        figure(f'{cls.moved} times the clock was ten years wrong: the list stayed, its successor was taken, its predecessor refused')

    def restart(self):
        self.control.stop()
        self.control.start(**self.clock.environment)

    def is_clock_suspect(self):
        return 'parapet_clock_suspect 1' in self.control.metrics().splitlines()

    def is_listed(self):
        return self.control.explain('http://signed.example.test/').returncode == 0

    def check_all_goes_on(self):
        """The next version is taken, the one before refused as a replay, and what is in force stays so."""
        self.assertTrue(self.is_listed())
        before, self.sequence = self.sequence, self.sequence + 1
        self.publish_signed('signed', self.content(self.sequence), self.sequence)
        wait_until(lambda: self.was_taken(self.sequence), 15, 'the next version to be taken')
        snapshot = self.snapshot()
        self.publish_signed('signed', self.content(before), before)
        self.assertEqual(self.wait_refusal('signed')['error_code'], 'refused')
        self.assertEqual(self.snapshot(), snapshot)
        self.publish_signed('signed', self.content(self.sequence), self.sequence)
        wait_until(lambda: not self.source('signed')['error_code'], 15, 'the good list to be back')
        self.assertTrue(self.is_listed())
        type(self).sequence = self.sequence
        type(self).moved += 1

    def polls(self):
        return int(re.search(r'^parapet_source_polls_total\{source="signed",outcome="success"\} (\d+)$', self.control.metrics(),
                             re.MULTILINE).group(1))

    def was_taken(self, sequence):
        return self.control.explain(f'http://n{sequence}.example.test/').returncode == 0

    def test_a_it_jumps_while_parapetd_runs(self):
        self.restart()
        for seconds in (TEN_YEARS, -TEN_YEARS):
            self.clock.move(seconds)
            with self.subTest(seconds=seconds):
                self.check_all_goes_on()

    def test_b_it_is_wrong_when_parapetd_starts(self):
        for seconds, suspect in ((TEN_YEARS, True), (-TEN_YEARS, False)):
            self.clock.move(seconds)
            self.restart()
            with self.subTest(seconds=seconds):
                self.check_all_goes_on()
                self.assertEqual(self.is_clock_suspect(), suspect)

    def test_c_what_people_allowed_for_a_time_lasts_neither_longer_nor_shorter(self):
        self.clock.move(0)
        self.restart()
        suspended = self.control.ask('suspend', 'signed.example.test', '--reason', 'appeal 1', '--key', self.people['anna'].key_file)
        self.assertEqual(suspended.returncode, 0, suspended.stderr)
        for seconds in (TEN_YEARS, -TEN_YEARS):
            self.clock.move(seconds)
            polls = self.polls()
            wait_until(lambda: self.polls() > polls + 3, 15, 'three polls')
            self.assertIn('appeal 1', self.control.ask('suspend', '--list').stdout)
        told = [record['what'] for record in self.audited() if record['type'] == 'suspension']
        self.assertEqual(told, ['begun'], 'the suspension ended early')
