# SPDX-License-Identifier: Apache-2.0
"""A signer of lists: the program minisign with a key of its own."""

import os

from .processes import run


class Signer:
    def __init__(self, directory):
        os.makedirs(directory, mode=0o700, exist_ok=True)
        self._secret, public = os.path.join(directory, 'secret'), os.path.join(directory, 'public')
        run(['minisign', '-G', '-W', '-f', '-p', public, '-s', self._secret])
        with open(public, encoding='ascii') as lines:
            self.public_key = lines.read().splitlines()[1]

    def sign(self, path, comment, *words):
        """The signature file over the file at `path`, as bytes. The comment's fields are parted by blanks here."""
        signature = f'{path}.signature'
        run(['minisign', '-S', '-s', self._secret, '-m', path, '-x', signature, '-t', '\t'.join(comment.split()), *words])
        with open(signature, 'rb') as made:
            return made.read()
