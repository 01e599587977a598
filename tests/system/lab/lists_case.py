# SPDX-License-Identifier: Apache-2.0
"""A running parapetd and its hotline, without an edge: what tests of the list's way ask and wait for."""

import contextlib
import json
import os
import time
import unittest

from .case import BUILD
from .minisign import Signer
from .processes import wait_until
from .scene import Scene


class ListsCase(unittest.TestCase):
    """A class's sources() names what parapetd polls; the scene is up for all tests of the class."""

    attacks = 0
    maxDiff = None

    def restore(self, name):
        """Puts the good list of a source back, for refused()."""
        raise NotImplementedError

    @classmethod
    def sources(cls):
        """Publishes the class's lists and returns its [[source]] tables."""
        raise NotImplementedError

    @classmethod
    def setUpClass(cls):
        cls.undo = contextlib.ExitStack()
        cls.addClassCleanup(cls.undo.close)
        cls.scene = cls.undo.enter_context(Scene(BUILD, servers=False))
        cls.hotline = cls.scene.hotline
        cls.people = {person.name: person for person in cls.scene.people}
        cls.signer, cls.stranger = (Signer(os.path.join(cls.scene.directory, name)) for name in ('signer', 'stranger'))
        cls.now = int(time.time())
        cls.control = cls.scene.control(cls.sources())
        cls.control.start()

    @classmethod
    def signature(cls, name, sequence, signer=None, words=(), **fields):
        """Over the list as the hotline has it now; sequence None: without one."""
        said = {'timestamp': cls.now, 'file': name, **fields}
        if sequence is not None:
            said['sequence'] = sequence
        comment = ' '.join(f'{field}:{value}' for field, value in said.items())
        return (signer or cls.signer).sign(os.path.join(cls.hotline.folder, name), comment, *words)

    @classmethod
    def publish_signed(cls, name, content, sequence, **how):
        """The list and its signature, without a moment at which the one does not fit the other."""
        cls.hotline.publish_bytes(name, content)
        cls.hotline.publish_bytes(f'{name}.minisig', cls.signature(name, sequence, **how))

    def status(self):
        answer = json.loads(self.control.status('--json').stdout)['control']
        return answer.get('status', answer)

    def source(self, name):
        return next(each for each in self.status()['sources'] if each['name'] == name)

    def snapshot(self):
        with open(self.scene.snapshot_file, 'rb') as file:
            return file.read()

    def audited(self):
        with open(os.path.join(self.control.directory, 'audit.jsonl'), encoding='utf-8') as lines:
            return [json.loads(line) for line in lines]

    def wait_well(self, name):
        """Until a poll of this source went well that ended after now."""
        now = time.time()

        def is_well():
            source = self.source(name)
            return source['last_success'] > now and not source['error_code']
        wait_until(is_well, 15, f'source {name} to be well', 0.05)

    def wait_refusal(self, name):
        def what_is_wrong():
            source = self.source(name)
            return source if source['error_code'] else None
        return wait_until(what_is_wrong, 15, 'the refusal', 0.05)

    def wait_held(self, name):
        return wait_until(lambda: self.source(name).get('held'), 15, f'a list of {name} to be held', 0.05)

    def wait_sequence(self, name, sequence):
        wait_until(lambda: self.source(name)['sequence'] == sequence, 15, f'version {sequence} of {name}', 0.05)

    def approve(self, person, source, *words):
        """`parapet approve`, as that person."""
        return self.control.ask('approve', source, '--key', self.people[person].key_file, *words)

    def refused(self, name, code, context, attack, mend=None):
        """attack() changes what the source sends; then it is refused for that reason, and well again after mend() (default: restore()).
        Returns the audit records of the refusal."""
        self.wait_well(name)
        snapshot, records = self.snapshot(), len(self.audited())
        try:
            attack()
            seen = self.wait_refusal(name)
        finally:
            mend() if mend else self.restore(name)
        self.assertEqual(seen['error_code'], code, seen)
        self.assertIn(context, seen['error_context'])
        self.assertEqual(self.snapshot(), snapshot, 'the last good list is not in force any more')
        audited = [record for record in self.audited()[records:] if record['type'] == 'list_refused' and record['source'] == name]
        self.assertTrue(audited, 'no audit record')
        self.assertEqual((audited[0]['code'], audited[0]['context']), (code, seen['error_context']))
        self.wait_well(name)
        self.assertEqual(self.snapshot(), snapshot)
        type(self).attacks += 1
        return audited
