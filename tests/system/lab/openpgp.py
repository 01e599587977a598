# SPDX-License-Identifier: Apache-2.0
"""A signer of lists with OpenPGP: gpg with a key and a folder of its own."""

import os
import time

from .processes import run


class Signer:
    """made_ago_s, valid_for_s: when its key was made and for how long it signs; 0: for ever."""

    def __init__(self, directory, name, made_ago_s=3600, valid_for_s=0, algorithm='ed25519', options=()):
        os.makedirs(directory, mode=0o700, exist_ok=True)
        self.directory = directory
        self.user = f'{name}@example.test'
        self.made = int(time.time()) - made_ago_s
        self._gpg('--passphrase', '', *options, '--quick-gen-key', self.user, algorithm, 'sign',
                  f'seconds={valid_for_s}' if valid_for_s else 'never', at=self.made)
        self.key_file = os.path.join(directory, f'{name}.asc')
        self.export()

    def _gpg(self, *words, at=None):
        """Time stands still at `at` for gpg."""
        clock = ['--faked-system-time', f'{at}!'] if at is not None else []
        return run(['gpg', '--homedir', self.directory, '--batch', '--quiet', '--yes', *clock, *words])

    def close(self):
        """Ends the agent that gpg started."""
        run(['gpgconf', '--homedir', self.directory, '--kill', 'all'])

    def export(self, armoured=True):
        self._gpg(*(['--armor'] if armoured else []), '--output', self.key_file, '--export', self.user)

    def revoke(self):
        """Its public key now says that it was revoked."""
        made = os.path.join(self.directory, 'openpgp-revocs.d')
        path = os.path.join(made, os.listdir(made)[0])
        with open(path, encoding='utf-8') as file:
            text = file.read().replace(':-----BEGIN', '-----BEGIN')
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        self._gpg('--import', path)
        self.export()

    def sign(self, content, at=None, words=('--armor',)):
        """The detached signature over these bytes."""
        path, signature = os.path.join(self.directory, 'content'), os.path.join(self.directory, 'signature')
        with open(path, 'wb') as out:
            out.write(content)
        self._gpg('--local-user', self.user, *words, '--output', signature, '--detach-sign', path, at=at)
        with open(signature, 'rb') as made:
            return made.read()
