# SPDX-License-Identifier: Apache-2.0
"""Lists with OpenPGP signatures as an attacker or a careless source would send them, made by gpg with real keys.

Every attack has its control in the same run: before and after it the source is polled with success.
"""

import os

from lab.case import figure
from lab.lists_case import ListsCase
from lab.openpgp import Signer
from lab.processes import run, wait_until

GOOD = b'signed.example.test\n'
OTHER = b'other.example.test\n'
NAME = 'signed'


class OpenPgp(ListsCase):
    @classmethod
    def sources(cls):
        cls.signer = cls.make_signer('hotline')
        cls.next_one = cls.make_signer('next', algorithm='rsa3072')
        cls.expired = cls.make_signer('expired', valid_for_s=1800)
        cls.revoked = cls.make_signer('revoked')
        cls.by_revoked = cls.revoked.sign(OTHER, cls.now + 1)
        cls.revoked.revoke()
        cls.by_sha1 = cls.make_signer('by-sha1', options=('--cert-digest-algo', 'SHA1'))
        cls.short = cls.make_signer('short', algorithm='rsa1024')
        cls.stranger = cls.make_signer('stranger')
        cls.signature = cls.signer.sign(GOOD, cls.now)
        cls.publish(GOOD, cls.signature)
        cls.hotline.publish_bytes('binary', b'binary.example.test\n')
        cls.hotline.publish_bytes('binary.sig', cls.next_one.sign(b'binary.example.test\n', cls.now, words=()))
        cls.next_one.export(armoured=False)
        cls.hotline.publish_bytes('short', OTHER)
        cls.hotline.publish_bytes('short.asc', cls.short.sign(OTHER, cls.now))
        cls.drop = os.path.join(cls.scene.directory, 'drop')
        os.makedirs(cls.drop)
        cls.put_dropped(b'dropped.example.test\n', cls.now)
        common = {'poll_interval_ms': 100, 'deadline_ms': 1000}
        return [
            {**common, 'name': NAME, 'url': cls.hotline.url(NAME), 'keys': cls.keys('signer', 'next_one', 'expired', 'revoked', 'by_sha1')},
            {**common, 'name': 'binary', 'url': cls.hotline.url('binary'), 'signature_url': cls.hotline.url('binary.sig'),
             'keys': cls.keys('next_one')},
            {**common, 'name': 'short', 'url': cls.hotline.url('short'), 'keys': cls.keys('short')},
            {'name': 'dropped', 'path': os.path.join(cls.drop, 'list'), 'poll_interval_ms': 3_600_000, 'ca_file': None,
             'keys': cls.keys('signer')},
        ]

    @classmethod
    def make_signer(cls, name, **how):
        signer = Signer(os.path.join(cls.scene.directory, f'gpg-{name}'), name, **how)
        cls.undo.callback(signer.close)
        return signer

    @classmethod
    def keys(cls, *signers):
        return [{'name': each.replace('_', '-'), 'openpgp_key_file': getattr(cls, each).key_file} for each in signers]

    @classmethod
    def tearDownClass(cls):
        figure(f'{cls.attacks} attacks on lists signed with OpenPGP, each refused and audited, the last good list in force')

    @classmethod
    def publish(cls, content, signature):
        """The signature first: while the list is the one in force, nobody asks for it."""
        cls.hotline.publish_bytes(f'{NAME}.asc', signature)
        cls.hotline.publish_bytes(NAME, content)

    @classmethod
    def put_dropped(cls, content, at):
        for name, each in (('list.asc', cls.signer.sign(content, at)), ('list', content)):
            with open(os.path.join(cls.drop, f'.{name}'), 'wb') as out:
                out.write(each)
            os.rename(os.path.join(cls.drop, f'.{name}'), os.path.join(cls.drop, name))

    def restore(self, name):
        self.hotline.publish_bytes(NAME, GOOD)
        self.hotline.publish_bytes(f'{NAME}.asc', self.signature)

    def refused_signed(self, code, context, content, signature):
        self.refused(NAME, code, context, lambda: self.publish(content, signature))

    # who signed, and what

    def test_a_changed_list(self):
        self.refused_signed('integrity', 'it is not over this list', OTHER + GOOD, self.signer.sign(OTHER, self.now + 1))

    def test_b_signature_missing(self):
        def attack():
            os.unlink(os.path.join(self.hotline.folder, f'{NAME}.asc'))
            self.hotline.publish_bytes(NAME, OTHER)
        self.refused(NAME, 'refused', 'the signature: the source answers HTTP 404', attack)

    def test_c_signature_empty(self):
        self.refused_signed('malformed', 'no OpenPGP signature', OTHER, b'')

    def test_d_signature_that_is_a_web_page(self):
        self.refused_signed('malformed', 'no OpenPGP signature', OTHER, b'<html><title>Sign in</title></html>\n')

    def test_e_another_key(self):
        self.refused_signed('integrity', 'which is none of the source', OTHER, self.stranger.sign(OTHER, self.now + 1))

    def test_f_own_and_another_key(self):
        both = self.signer.sign(OTHER, self.now + 1, words=()) + self.stranger.sign(OTHER, self.now + 1, words=())
        self.refused_signed('integrity', 'which is none of the source', OTHER, both)

    def test_g_expired_key(self):
        self.refused_signed('refused', 'which has expired', OTHER, self.expired.sign(OTHER, self.expired.made + 60))

    def test_h_revoked_key(self):
        self.refused_signed('refused', 'which was revoked', OTHER, self.by_revoked)

    def test_i_expired_signature(self):
        signature = self.signer.sign(OTHER, self.now - 600, words=('--armor', '--default-sig-expire', 'seconds=60'))
        self.refused_signed('refused', 'signature has expired', OTHER, signature)

    def test_j_sha1(self):
        self.refused_signed('unsupported', 'its hash is weak', OTHER,
                            self.signer.sign(OTHER, self.now + 1, words=('--armor', '--digest-algo', 'SHA1')))

    def test_j_weak_keys(self):
        self.refused_signed('refused', 'no good signature of its own', OTHER, self.by_sha1.sign(OTHER, self.now + 1))
        seen = self.wait_refusal('short')
        self.assertIn('an RSA key of less than 2048 bits', seen['error_context'])
        self.assertFalse(seen['loaded'])

    def test_k_signature_of_a_text(self):
        self.refused_signed('unsupported', 'of a text', OTHER,
                            self.signer.sign(OTHER, self.now + 1, words=('--armor', '--textmode')))

    def test_l_list_itself_as_the_signature(self):
        self.refused_signed('malformed', 'no OpenPGP signature', OTHER, OTHER)

    def test_m_public_key_as_the_signature(self):
        with open(self.signer.key_file, 'rb') as key:
            self.refused_signed('malformed', 'no OpenPGP signature', OTHER, key.read())

    # when it was signed

    def test_n_old_list_replayed(self):
        self.refused_signed('refused', 'an old list does not come back', OTHER, self.signer.sign(OTHER, self.now - 60))

    def test_o_another_list_of_the_same_second(self):
        self.refused_signed('refused', 'another list bears the number', OTHER, self.signer.sign(OTHER, self.now))

    def test_p_signed_two_days_ahead(self):
        self.refused_signed('refused', 'more than a day ahead', OTHER, self.signer.sign(OTHER, self.now + 2 * 86400))

    # what goes well

    def test_q_binary_signature_and_key_are_taken(self):
        self.wait_well('binary')
        self.assertEqual(self.source('binary')['entries']['host'], 1)

    def test_r_a_dropped_list_has_its_signature_beside_it(self):
        sequence = self.source('dropped')['sequence']
        self.put_dropped(b'next.example.test\n', self.now + 1)
        wait_until(lambda: self.source('dropped')['sequence'] == sequence + 1, 15, 'the next dropped list', 0.05)

    def test_y_the_next_key_signs_while_the_old_one_still_may(self):
        sequence = self.source(NAME)['sequence']
        for step, signature in enumerate((
                self.next_one.sign(b'1.example.test\n', self.now + 1), self.signer.sign(b'2.example.test\n', self.now + 2),
                self.signer.sign(b'3.example.test\n', self.now + 3, words=()) +
                self.next_one.sign(b'3.example.test\n', self.now + 3, words=())), 1):
            self.publish(b'%d.example.test\n' % step, signature)
            wait_until(lambda wanted=sequence + step: self.source(NAME)['sequence'] == wanted, 15, f'list {step}', 0.05)

    def test_zz_the_audit_log_is_whole(self):
        verified = run([self.control.binaries.cli, 'audit', 'verify', os.path.join(self.control.directory, 'audit.jsonl')])
        self.assertIn('whole: ', verified.stdout)
