# SPDX-License-Identifier: Apache-2.0
"""A false block: from an appeal code to served again in two commands, on the wire, over list updates and restarts."""

import json
import time

from lab.case import SceneCase, figure
from lab.lists import HOTLINE_LIST
from lab.moved_clock import MovedClock
from lab.processes import wait_until
from lab.requests import SERVED, STOPPED, ask_web

LISTED = 'http://listed.example.test/'
PAGE = 'http://pages.example.test/stop/this.html'
OTHER = 'http://www.domain.example.test/'
WITHIN_S = 2.0
HOUR = 3600


class Suspensions(SceneCase):
    ports = 'af_packet'

    def comes_out(self, url, expected):
        return ask_web(self.scene, url, expected).ok

    def wait_for(self, url, expected):
        wait_until(lambda: self.comes_out(url, expected), 10, f'{url} to be {expected}')

    def key_of(self, name):
        return next(person.key_file for person in self.scene.people if person.name == name)

    def suspend(self, *words, by):
        return self.control.ask('suspend', *words, '--key', self.key_of(by))

    def match_of(self, url):
        return json.loads(self.control.explain(url, '--json').stdout)['explain']['matches'][0]

    def appeal_code(self, url):
        return self.match_of(url)['appeal_code']

    def test_a_two_commands_and_it_is_served_again(self):
        self.assert_rows([ask_web(self.scene, LISTED, STOPPED), ask_web(self.scene, OTHER, STOPPED)])
        code = self.appeal_code(LISTED)
        began = time.monotonic()
        told = json.loads(self.control.ask('appeal', code, '--json').stdout)['explain']['matches'][0]
        done = self.suspend(told['entry_id'], '--reason', 'appeal 17', by='anna')
        self.wait_for(LISTED, SERVED)
        took = time.monotonic() - began
        figure(f'from an appeal code to served again: {took:.2f} s, two commands')
        self.assertLessEqual(took, WITHIN_S)
        self.assertIn('1 entry lifted until', done.stdout)
        self.assertEqual((told['list'], told['legal']['authority']), ('hotline', 'Example Authority'))
        self.assert_rows([ask_web(self.scene, OTHER, STOPPED)])

    def test_b_the_same_person_cannot_make_it_last_and_another_can(self):
        again = self.suspend('--confirm', '1', by='anna')
        self.assertEqual(again.returncode, 3)
        self.assertIn('another person must confirm it', again.stderr)
        self.assertIn('confirmed', self.suspend('--confirm', '1', by='boris').stdout)

    def test_c_it_outlives_a_list_update_and_a_restart(self):
        generation = self.edge.generation()
        self.scene.hotline.publish('list.txt', [*HOTLINE_LIST, 'late.example.test'])
        self.edge.wait_generation_after(generation)
        self.assert_rows([ask_web(self.scene, 'http://late.example.test/', STOPPED), ask_web(self.scene, LISTED, SERVED)])
        self.control.stop()
        self.control.start()
        self.assert_rows([ask_web(self.scene, LISTED, SERVED)])

    def test_d_a_host_is_all_that_stops_on_it(self):
        self.assert_rows([ask_web(self.scene, PAGE, STOPPED)])
        self.assertEqual(self.suspend('pages.example.test', '--reason', 'ticket 4711', by='carla').returncode, 0)
        self.wait_for(PAGE, SERVED)

    def test_e_ended_it_is_stopped_again(self):
        for number, url in (('1', LISTED), ('2', PAGE)):
            self.assertIn('enforced again', self.suspend('--end', number, by='carla').stdout)
            self.wait_for(url, STOPPED)
        self.assertIn('no suspension stands', self.control.ask('suspend', '--list').stdout)

    def test_f_it_ends_by_itself(self):
        clock = MovedClock(self.scene.directory, with_boot_clock=True)
        self.control.stop()
        self.control.start(**clock.environment)
        self.assertEqual(self.suspend(self.match_of(LISTED)['entry_id'], '--reason', 'appeal 18', by='anna').returncode, 0)
        self.wait_for(LISTED, SERVED)
        clock.move(23 * HOUR)
        self.assertIn('appeal 18', self.control.ask('suspend', '--list').stdout)
        self.assert_rows([ask_web(self.scene, LISTED, SERVED)])
        clock.move(25 * HOUR)
        self.wait_for(LISTED, STOPPED)
        self.assertIn('no suspension stands', self.control.ask('suspend', '--list').stdout)
        self.control.stop()
        self.control.start()

    def test_g_a_switch_and_the_way_back_work_at_once(self):
        began = time.monotonic()
        self.assertEqual(self.control.ask('switch', 'hotline', 'off', '--reason', 'harm').returncode, 0)
        self.wait_for(LISTED, SERVED)
        figure(f'a source switched off, and its entry served, in {time.monotonic() - began:.2f} s')
        self.assertEqual(self.control.ask('switch', 'hotline', 'enforce', '--reason', 'mended').returncode, 0)
        self.wait_for(LISTED, STOPPED)

    def test_h_an_earlier_generation_comes_back_within_ten_seconds(self):
        kept = json.loads(self.control.ask('rollback', '--list', '--json').stdout)['generations']
        first = next(each for each in reversed(kept) if {one['name']: one['entries'] for one in each['lists']}.get('hotline') == 2)
        began = time.monotonic()
        self.assertEqual(self.control.ask('rollback', str(first['generation']), '--reason', 'false blocks').returncode, 0)
        self.wait_for('http://late.example.test/', SERVED)
        took = time.monotonic() - began
        figure(f'an earlier generation enforced again in {took:.2f} s')
        self.assertLessEqual(took, 10)
        self.assert_rows([ask_web(self.scene, LISTED, STOPPED)])
