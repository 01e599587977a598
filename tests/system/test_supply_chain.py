# SPDX-License-Identifier: Apache-2.0
"""Lists as an attacker or a broken source would send them: each is refused and audited, and the last good one stays in force.

Every attack has its control in the same run: before and after it the source is polled with success.
"""

import gzip
import io
import os
import time
import zipfile

from lab.case import figure
from lab.lists_case import ListsCase
from lab.processes import run, wait_until

GOOD = {'signed': b'signed.example.test\n', 'plain': b'plain.example.test\n', 'packed': gzip.compress(b'packed.example.test\n')}
MAX_SIZE = 200_000


class SupplyChain(ListsCase):
    @classmethod
    def sources(cls):
        common = {'poll_interval_ms': 100, 'deadline_ms': 1000, 'max_size_bytes': MAX_SIZE}
        for name, content in GOOD.items():
            cls.hotline.publish_bytes(name, content)
        cls.hotline.publish_bytes('signed.minisig', cls.signature('signed', 5))
        cls.drop = os.path.join(cls.scene.directory, 'drop')
        os.makedirs(cls.drop)
        cls.put_dropped(b'dropped.example.test\n')
        return [
            {**common, 'name': 'signed', 'url': cls.hotline.url('signed'),
             'keys': [{'name': 'of-the-hotline', 'minisign': cls.signer.public_key}]},
            {**common, 'name': 'plain', 'url': cls.hotline.url('plain')},
            {**common, 'name': 'packed', 'url': cls.hotline.url('packed'), 'packing': 'gzip', 'max_unpacked_bytes': MAX_SIZE},
            {'name': 'dropped', 'path': os.path.join(cls.drop, 'list'), 'poll_interval_ms': 3_600_000, 'ca_file': None},
        ]

    @classmethod
    def tearDownClass(cls):
        figure(f'{cls.attacks} attacks on lists, each refused and audited, the last good list in force')

    def restore(self, name):
        self.hotline.behave({})
        self.hotline.publish_bytes(name, GOOD[name])
        if name == 'signed':
            self.hotline.publish_bytes('signed.minisig', self.signature('signed', 5))

    @classmethod
    def put_dropped(cls, content):
        with open(os.path.join(cls.drop, '.list'), 'wb') as out:
            out.write(content)
        os.rename(os.path.join(cls.drop, '.list'), os.path.join(cls.drop, 'list'))

    # who signed, and what

    def test_a_list_changed_after_it_was_signed(self):
        def attack():
            self.publish_signed('signed', b'other.example.test\n', 6)
            self.hotline.publish_bytes('signed', b'other.example.test\nbig.example.test\n')
        self.refused('signed', 'integrity', 'it is not over this list', attack)

    def test_b_signature_missing(self):
        def attack():
            self.hotline.publish_bytes('signed', b'other.example.test\n')
            os.unlink(os.path.join(self.hotline.folder, 'signed.minisig'))
        self.refused('signed', 'refused', 'the signature: the source answers HTTP 404', attack)

    def test_c_signature_of_another_key(self):
        self.refused('signed', 'integrity', 'which is none of the source', lambda: self.publish_signed(
            'signed', b'other.example.test\n', 6, signer=self.stranger))

    def test_d_signature_that_is_a_web_page(self):
        def attack():
            self.hotline.publish_bytes('signed', b'other.example.test\n')
            self.hotline.publish_bytes('signed.minisig', b'<html><title>Sign in</title></html>\n')
        self.refused('signed', 'malformed', 'line 1 is no untrusted comment', attack)

    def test_e_trusted_comment_changed(self):
        def attack():
            self.publish_signed('signed', b'other.example.test\n', 4)
            signature = self.signature('signed', 4).replace(b'sequence:4', b'sequence:9')
            self.hotline.publish_bytes('signed.minisig', signature)
        self.refused('signed', 'integrity', 'its trusted comment was changed', attack)

    def test_f_signature_without_hashing(self):
        self.refused('signed', 'unsupported', 'algorithm', lambda: self.publish_signed('signed', b'other.example.test\n', 6, words=['-l']))

    def test_g_old_list_replayed(self):
        self.refused('signed', 'refused', 'an old list does not come back', lambda: self.publish_signed('signed', b'old.example.test\n', 4))

    def test_h_another_list_under_the_number_in_force(self):
        self.refused('signed', 'refused', 'another list bears the number', lambda: self.publish_signed('signed', b'other.example.test\n', 5))

    def test_i_sequence_number_left_out(self):
        self.refused('signed', 'refused', 'this one has none', lambda: self.publish_signed('signed', b'other.example.test\n', None))

    def test_j_signed_two_days_ahead(self):
        self.refused('signed', 'refused', 'more than a day ahead', lambda: self.publish_signed(
            'signed', b'other.example.test\n', 6, timestamp=self.now + 2 * 86400))

    def test_k_list_of_another_name(self):
        self.refused('signed', 'refused', 'another file than signed', lambda: self.publish_signed(
            'signed', b'other.example.test\n', 6, file='drafts'))

    # how it came

    def misbehaves(self, how, code, context):
        self.refused('plain', code, context, lambda: self.hotline.behave({'plain': how}))

    def test_m_body_cut_short(self):
        self.misbehaves('short', 'integrity', 'cut short')

    def test_n_body_without_a_marked_end(self):
        self.misbehaves('unmarked', 'integrity', 'marks no end')

    def test_o_endless_body(self):
        self.misbehaves('endless', 'limit', 'max_size_bytes')

    def test_p_slow_body(self):
        self.misbehaves('slow', 'timeout', 'deadline_ms')

    def test_q_redirect(self):
        self.misbehaves('302 https://elsewhere.example.test/', 'refused', 'redirect')

    def test_r_server_error(self):
        self.misbehaves('500', 'refused', 'HTTP 500')

    def test_s_encoding_nobody_asked_for(self):
        self.misbehaves('encoded', 'refused', 'compressed body')

    def test_t_source_that_says_nothing(self):
        self.misbehaves('204', 'refused', 'HTTP 204')

    # what was in it

    def holds(self, content, code, context, name='plain'):
        self.refused(name, code, context, lambda: self.hotline.publish_bytes(name, content))

    def test_content_a_web_page_with_status_200(self):
        self.holds(b'<!DOCTYPE html>\n<html><body>Please sign in</body></html>\n', 'malformed', 'lines cannot be read')

    def test_content_b_empty(self):
        self.holds(b'', 'refused', 'the list is empty')

    def test_content_c_nul_bytes(self):
        self.holds(b'plain.example.test\0.other.test\n', 'malformed', 'control characters')

    def test_content_d_bytes_that_are_no_text(self):
        self.holds(b'plain.example.test\n\xff\xfe\xfd\n', 'malformed', 'not UTF-8')

    def test_content_e_line_without_end(self):
        self.holds(b'http://plain.example.test/' + b'a' * 9000 + b'\n', 'malformed', 'longer than 8192')

    def test_content_f_address(self):
        self.holds(b'plain.example.test\n192.0.2.80\n', 'malformed', 'line 2: an IP address')

    def test_content_g_top_level_domain(self):
        self.holds(b'plain.example.test\ntest\n', 'malformed', 'line 2: a name of one label')

    def test_content_h_mail_address(self):
        self.holds(b'mailto:abuse@example.test\n', 'malformed', 'a user or an empty port')

    def test_content_i_other_scheme(self):
        self.holds(b'ftp://plain.example.test/x\n', 'malformed', 'neither http nor https')

    def test_content_j_more_than_its_limit(self):
        self.holds(b'plain.example.test\n' * (MAX_SIZE // 10), 'limit', 'max_size_bytes')

    def test_content_k_name_with_a_joiner_that_looks_like_another(self):
        self.holds('plain\u200d.example.test\n'.encode(), 'malformed', 'no IDN')

    def test_content_l_wrong_line_among_right_ones(self):
        self.holds(b'plain.example.test\nbad..example.test\nother.example.test\n', 'malformed', '1 line cannot be read: line 2')

    def test_packed_a_bomb(self):
        self.holds(gzip.compress(b'\n' * (MAX_SIZE + 1)), 'limit', 'max_unpacked_bytes', 'packed')

    def test_packed_b_cut_short(self):
        whole = gzip.compress(b''.join(b'%d.example.test\n' % number for number in range(1000)))
        self.holds(whole[:-20], 'malformed', 'no whole gzip', 'packed')

    def test_packed_c_other_bytes_in_its_place(self):
        self.holds(b'packed.example.test\n', 'malformed', 'no whole gzip', 'packed')

    def test_packed_d_another_wrapping(self):
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, 'w') as made:
            made.writestr('list', 'packed.example.test\n')
        self.holds(archive.getvalue(), 'malformed', 'no whole gzip', 'packed')

    def test_packed_e_wrapped_twice(self):
        self.holds(gzip.compress(gzip.compress(b'packed.example.test\n' * 50)), 'malformed', 'no whole gzip', 'packed')

    def test_dropped_a_half_written(self):
        sequence, snapshot = self.source('dropped')['sequence'], self.snapshot()
        path = os.path.join(self.drop, 'list')
        with open(path, 'wb') as out:
            out.write(b'first.example.test\n')
            out.flush()
            # somebody else closes it after writing, while the first writer is still at it
            with open(path, 'ab') as other:
                other.write(b'second.example.test\n')
            seen = self.wait_refusal('dropped')
            self.assertIn('is open for writing', seen['error_context'])
            self.assertEqual((self.source('dropped')['sequence'], self.snapshot()), (sequence, snapshot))
            out.write(b'third.example.test\n')
        began = time.monotonic()
        wait_until(lambda: self.source('dropped')['sequence'] == sequence + 1, 10, 'the finished list', 0.05)
        figure(f'a dropped list in force {time.monotonic() - began:.1f} s after it was finished, polled every hour')
        self.put_dropped(b'dropped.example.test\n')
        wait_until(lambda: self.source('dropped')['sequence'] == sequence + 2, 10, 'the next list', 0.05)
        type(self).attacks += 1

    def test_zz_the_audit_log_is_whole(self):
        verified = run([self.control.binaries.cli, 'audit', 'verify', os.path.join(self.control.directory, 'audit.jsonl')])
        self.assertIn('whole: ', verified.stdout)
