# SPDX-License-Identifier: Apache-2.0
"""What tests of attacks on lists share: a source that is well, attacked, refused for a reason, and well again."""

import json
import os
import time
import unittest

from .processes import wait_until


class RefusalCase(unittest.TestCase):
    """control, scene, attacks: set by the class; restore(name): puts the good list of a source back."""

    attacks = 0

    def restore(self, name):
        raise NotImplementedError

    def source(self, name):
        answer = json.loads(self.control.status('--json').stdout)['control']
        return next(each for each in answer.get('status', answer)['sources'] if each['name'] == name)

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

    def refused(self, name, code, context, attack):
        """attack() changes what the hotline sends; then the source is refused for that reason, and well again without it."""
        self.wait_well(name)
        snapshot, records = self.snapshot(), len(self.audited())
        try:
            attack()
            seen = self.wait_refusal(name)
        finally:
            self.restore(name)
        self.assertEqual(seen['error_code'], code, seen)
        self.assertIn(context, seen['error_context'])
        self.assertEqual(self.snapshot(), snapshot, 'the last good list is not in force any more')
        audited = [record for record in self.audited()[records:] if record['type'] == 'list_refused' and record['source'] == name]
        self.assertTrue(audited, 'no audit record')
        self.assertEqual((audited[0]['code'], audited[0]['context']), (code, seen['error_context']))
        self.wait_well(name)
        self.assertEqual(self.snapshot(), snapshot)
        type(self).attacks += 1
