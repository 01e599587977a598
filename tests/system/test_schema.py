# SPDX-License-Identifier: Apache-2.0
"""What the programs really stored and sent, held to docs/schema.json: nothing unlisted, no subscriber's address."""

import os
import socket
import sys

from lab.case import SceneCase, figure, on_each_kind_of_port
from lab.processes import run, wait_until
from lab.programs import ROOT, write_file
from lab.requests import ask_standard
from lab.scene import CLIENT_ADDRESSES


@on_each_kind_of_port
class Schema(SceneCase):
    def ask_socket(self, question):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
            asking.settimeout(5)
            asking.connect(self.control.socket)
            asking.sendall(question + b'\n')
            answer = b''
            while not answer.endswith(b'\n'):
                more = asking.recv(65536)
                if not more:
                    break
                answer += more
        return answer.decode()

    def test_every_line_field_and_label_is_listed_and_holds_no_address(self):
        ask_standard(self.scene)
        self.control.explain('http://listed.example.test/')
        self.control.explain('http://open.example.test/')
        answers = [self.ask_socket(question) for question in (
            b'{"ask":"status"}', b'{"ask":"explain","url":"http://listed.example.test/"}', b'{"ask":"nothing"}',
            b'no question', b'{"ask":"explain","url":"http://' + b'x' * 300 + b'/"}')]
        # what goes wrong is logged too: a list that is refused, one that is gone, a snapshot that is broken
        before = len(self.control.daemon.log_tail(1000))
        self.scene.hotline.publish('list.txt', ['http://listed.example.test:99999/', 'bad name.example.test'])
        wait_until(lambda: len(self.control.daemon.log_tail(1000)) > before, 10, 'the refusal')
        refused = self.edge.counters().header('refused_snapshots')
        with open(f'{self.scene.snapshot_file}.other', 'wb') as broken:
            broken.write(bytes(4096))
        os.replace(f'{self.scene.snapshot_file}.other', self.scene.snapshot_file)
        wait_until(lambda: self.edge.counters().header('refused_snapshots') > refused, 10, 'the refused snapshot')
        metrics, answered = (os.path.join(self.scene.directory, name) for name in ('metrics.txt', 'answers.txt'))
        write_file(metrics, self.control.metrics())
        write_file(answered, ''.join(answers))
        outputs = ['--log', self.control.log_path, '--log', self.edge.log_path,
                   '--audit', os.path.join(self.control.directory, 'audit.jsonl'),
                   '--metrics', metrics, '--socket', answered]
        checked = run([sys.executable, os.path.join(ROOT, 'tests', 'schema_test.py'), *outputs], check=False)
        figure(checked.stdout.strip().splitlines()[-1])
        self.assertEqual(checked.returncode, 0, checked.stdout)
        status = self.control.status().stdout + self.control.status('--json').stdout
        for output in outputs[1::2]:
            with open(output, encoding='utf-8') as text:
                content = text.read()
            for address in CLIENT_ADDRESSES:
                self.assertNotIn(address, content, output)
                self.assertNotIn(address, status)
