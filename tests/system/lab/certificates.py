# SPDX-License-Identifier: Apache-2.0
"""A certificate authority for one scene, made by openssl; keys live as long as the scene."""

import os

from .processes import run


class Authority:
    def __init__(self, directory):
        self.directory = directory
        os.makedirs(directory, mode=0o700, exist_ok=True)
        self.certificate = os.path.join(directory, 'ca.pem')
        self._key = os.path.join(directory, 'ca.key')
        run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
             '-keyout', self._key, '-out', self.certificate, '-days', '2', '-subj', '/CN=Scene Authority',
             '-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign'])

    def issue(self, name, dns_names=(), addresses=()):
        """Returns (certificate file, key file) for the names and addresses."""
        base = os.path.join(self.directory, name)
        alternatives = ','.join([f'DNS:{each}' for each in dns_names] + [f'IP:{each}' for each in addresses])
        extensions = f'{base}.ext'
        with open(extensions, 'w', encoding='ascii') as out:
            out.write(f'subjectAltName={alternatives}\nextendedKeyUsage=serverAuth\n')
        run(['openssl', 'req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
             '-keyout', f'{base}.key', '-out', f'{base}.csr', '-subj', f'/CN={name}'])
        run(['openssl', 'x509', '-req', '-in', f'{base}.csr', '-CA', self.certificate, '-CAkey', self._key,
             '-CAcreateserial', '-days', '2', '-extfile', extensions, '-out', f'{base}.pem'])
        return f'{base}.pem', f'{base}.key'
