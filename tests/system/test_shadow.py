# SPDX-License-Identifier: Apache-2.0
"""A list in shadow stops nothing and tells how many requests it would have stopped: by version, over restarts of either program."""

import json
import os
import sys

from lab.case import SceneCase, figure
from lab.processes import run, wait_until
from lab.programs import ROOT, write_file
from lab.requests import ANSWERED, SERVED, STOPPED, ask_dns, ask_web

LISTED, LATER = 'listed.example.test', 'late.example.test'
NONE = {'http': 0, 'tls': 0, 'quic': 0, 'dns': 0}


class Shadow(SceneCase):
    ports = 'af_packet'

    @classmethod
    def sources(cls):
        cls.scene.hotline.publish('list.txt', [LISTED])
        cls.scene.hotline.publish('other.txt', ['domain.example.test'])
        return [{'name': 'other', 'url': cls.scene.hotline.url('other.txt'), 'format': 'plain'},
                {'name': 'trial', 'url': cls.scene.hotline.url('list.txt'), 'format': 'plain', 'state': 'shadow'}]

    def counted(self):
        """What `parapet simulate --source trial` tells; None before the edge is seen to use it."""
        seen = self.control.ask('simulate', '--source', 'trial', '--json', check=True)
        return json.loads(seen.stdout)['simulate']['shadow']

    def wait_counted(self, all_versions, version):
        """Until so many requests by protocol are told; returns what is told."""
        def both():
            told = self.counted()
            wanted = ({**NONE, **all_versions}, {**NONE, **version})
            return told if told and (told['requests'], told['version']['requests']) == wanted else None
        try:
            return wait_until(both, 10, 'the counts', 0.1)
        except Exception as error:
            raise AssertionError(f'told {self.counted()}, expected {all_versions} and {version}') from error

    def ask_all(self, host):
        self.assert_rows([ask_dns(self.scene, host, ANSWERED), ask_web(self.scene, f'http://{host}/', SERVED),
                          ask_web(self.scene, f'https://{host}/', SERVED)])

    def test_what_it_would_have_stopped_is_told_since_it_is_in_shadow_and_since_its_version(self):
        first = self.wait_counted({}, {})
        self.assertEqual(first['version']['sequence'], 1)
        self.ask_all(LISTED)
        self.assert_rows([ask_web(self.scene, 'http://domain.example.test/', STOPPED)])  # another list's
        told = self.wait_counted({'dns': 1, 'http': 1, 'tls': 1}, {'dns': 1, 'http': 1, 'tls': 1})
        self.assertEqual(told['since'], first['since'])
        answer = os.path.join(self.scene.directory, 'answer.txt')
        write_file(answer, json.dumps({'status': json.loads(self.control.status('--json').stdout)['control']}) + '\n')
        run([sys.executable, os.path.join(ROOT, 'tests', 'schema_test.py'), '--socket', answer])
        lists = self.control.ask('lists').stdout
        self.assertIn('would have stopped', lists)
        self.assertEqual([line.split()[0] for line in lists.splitlines() if 'all versions' in line], ['trial'])

        generation = self.edge.generation()
        self.scene.hotline.publish('list.txt', [LISTED, LATER])
        self.edge.wait_generation_after(generation)
        told = self.wait_counted({'dns': 1, 'http': 1, 'tls': 1}, {})
        self.assertEqual((told['version']['sequence'], told['version']['generation']), (2, generation + 1))
        self.ask_all(LATER)
        self.wait_counted({'dns': 2, 'http': 2, 'tls': 2}, {'dns': 1, 'http': 1, 'tls': 1})

        self.control.stop()
        self.ask_all(LISTED)  # while parapetd is away
        self.control.start()
        self.wait_counted({'dns': 3, 'http': 3, 'tls': 3}, {'dns': 2, 'http': 2, 'tls': 2})
        self.edge.stop()
        self.edge.start()
        self.edge.wait_generation_after(0)
        self.scene.wait_forwarding()
        self.ask_all(LISTED)
        told = self.wait_counted({'dns': 4, 'http': 4, 'tls': 4}, {'dns': 3, 'http': 3, 'tls': 3})
        self.assertEqual(told['since'], first['since'])
        figure(f'{sum(told["requests"].values())} requests that it would have stopped, over two versions and two restarts')
