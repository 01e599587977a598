# SPDX-License-Identifier: Apache-2.0
"""`parapet config check`: the shipped files are right, a planted unknown key is an error with its place."""

import os
import tempfile
import unittest

from lab.case import BUILD, figure
from lab.processes import run
from lab.programs import ROOT, Binaries


class Configuration(unittest.TestCase):
    def check(self, path):
        return run([Binaries(BUILD).cli, 'config', 'check', path], check=False)

    def test_the_shipped_files_are_right(self):
        for name in ('edge.toml', 'control.toml'):
            checked = self.check(os.path.join(ROOT, 'conf', name))
            self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)

    def test_a_planted_unknown_key_is_an_error_with_file_line_column_and_key(self):
        for name, table in (('edge.toml', '[workers]'), ('control.toml', '[control]')):
            with open(os.path.join(ROOT, 'conf', name), encoding='utf-8') as source:
                lines = source.read().splitlines()
            at = next(index for index, line in enumerate(lines) if line.startswith(table)) + 1
            lines.insert(at, 'planted_key = 1')
            with tempfile.NamedTemporaryFile('w', suffix=f'-{name}') as planted:
                planted.write('\n'.join(lines) + '\n')
                planted.flush()
                checked = self.check(planted.name)
                said = checked.stdout + checked.stderr
                figure(said.strip().splitlines()[0].replace(planted.name, name))
                self.assertNotEqual(checked.returncode, 0)
                self.assertIn(f'{planted.name}:{at + 1}:1', said)
                self.assertIn('planted_key', said)
