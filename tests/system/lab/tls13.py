# SPDX-License-Identifier: Apache-2.0
"""A TLS 1.3 client of our own (RFC 8446), so that a hello can be written as a trick wants it and still be finished.

One cipher suite (TLS_AES_128_GCM_SHA256), one group (x25519). It believes every certificate: it is no client to trust.
"""

import hashlib
import hmac
import os
import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SERVER_NAME, GROUPS, SIGNATURES, ALPN, PADDING, VERSIONS, KEY_SHARE = 0, 10, 13, 16, 21, 43, 51
_HELLO_RETRY = hashlib.sha256(b'HelloRetryRequest').digest()


def vector(size, data):
    """Data behind its length in `size` bytes."""
    return len(data).to_bytes(size, 'big') + data


def extension(kind, data):
    return struct.pack('!H', kind) + vector(2, data)


def name_entry(name, kind=0):
    return bytes([kind]) + vector(2, name.encode() if isinstance(name, str) else name)


def server_name(*entries):
    """The server_name extension (RFC 6066 §3) with these name entries."""
    return extension(SERVER_NAME, vector(2, b''.join(entries)))


def expand_label(secret, label, context, length):
    """RFC 8446 §7.1."""
    wanted = struct.pack('!H', length) + vector(1, b'tls13 ' + label) + vector(1, context)
    return hmac.new(secret, wanted + b'\1', hashlib.sha256).digest()[:length]


def extract(salt, secret):
    return hmac.new(salt, secret, hashlib.sha256).digest()


class ClientHandshake:
    """One handshake, on messages; records or CRYPTO frames are the carrier's business.

    names       the server_name extensions, in full; default: one of `host`
    before      extensions put before the names, `behind` after all others
    group       the key share's group; another than x25519 makes the server ask for a second hello
    """

    def __init__(self, host, alpn=(b'http/1.1',), names=None, before=b'', behind=b'', group=29, version=0x0303, host_last=False):
        self._private = X25519PrivateKey.generate()
        self._share = self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self._session = os.urandom(32)
        self._random = os.urandom(32)
        self._version = version
        names = server_name(name_entry(host)) if names is None else names
        self._fixed = [before, b'' if host_last else names,
                       extension(GROUPS, vector(2, struct.pack('!HHH', 29, 23, 24))),
                       extension(SIGNATURES, vector(2, struct.pack('!HHHH', 0x0403, 0x0804, 0x0401, 0x0503))),
                       extension(ALPN, vector(2, b''.join(vector(1, each) for each in alpn))),
                       extension(VERSIONS, vector(1, b'\3\4')), behind, names if host_last else b'']
        self.hello = self._write_hello(group)
        self._transcript = self.hello
        self.server_handshake = self.client_handshake = None
        self.server_application = self.client_application = None

    def _write_hello(self, group):
        share = self._share if group == 29 else b'\4' + os.urandom(64)
        extensions = b''.join(self._fixed) + extension(KEY_SHARE, vector(2, struct.pack('!H', group) + vector(2, share)))
        body = (struct.pack('!H', self._version) + self._random + vector(1, self._session) + vector(2, b'\x13\x01') +
                b'\1\0' + vector(2, extensions))
        return b'\1' + vector(3, body)

    def second_hello(self, retry, names=None):
        """The answer to a HelloRetryRequest. names: another server_name extension than in the first hello."""
        if names is not None:
            self._fixed[1] = names
        self._transcript = b'\xfe' + vector(3, hashlib.sha256(self._transcript).digest()) + retry
        self.hello = self._write_hello(29)
        self._transcript += self.hello
        return self.hello

    @staticmethod
    def is_retry(message):
        return message[6:38] == _HELLO_RETRY

    def take_server_hello(self, message):
        """Makes the handshake secrets."""
        self._transcript += message
        at = 39 + message[38] + 3  # behind session id, suite and compression
        end = at + 2 + int.from_bytes(message[at:at + 2], 'big')
        at += 2
        share = None
        while at < end:
            kind, length = struct.unpack('!HH', message[at:at + 4])
            if kind == KEY_SHARE:
                share = message[at + 8:at + 4 + length]
            at += 4 + length
        shared = self._private.exchange(X25519PublicKey.from_public_bytes(share))
        self._handshake = extract(self._derive(extract(bytes(32), bytes(32)), b'derived', b''), shared)
        self.client_handshake = self._derive(self._handshake, b'c hs traffic', self._transcript)
        self.server_handshake = self._derive(self._handshake, b's hs traffic', self._transcript)

    def take_server_flight(self, messages):
        """Everything up to the server's Finished. Returns the client's Finished."""
        self._transcript += messages
        master = extract(self._derive(self._handshake, b'derived', b''), bytes(32))
        self.client_application = self._derive(master, b'c ap traffic', self._transcript)
        self.server_application = self._derive(master, b's ap traffic', self._transcript)
        key = expand_label(self.client_handshake, b'finished', b'', 32)
        return b'\x14' + vector(3, hmac.new(key, hashlib.sha256(self._transcript).digest(), hashlib.sha256).digest())

    @staticmethod
    def _derive(secret, label, transcript):
        return expand_label(secret, label, hashlib.sha256(transcript).digest(), 32)


def whole_messages(data):
    """(kind, message) of each handshake message that is there in full."""
    at = 0
    while at + 4 <= len(data) and at + 4 + int.from_bytes(data[at + 1:at + 4], 'big') <= len(data):
        end = at + 4 + int.from_bytes(data[at + 1:at + 4], 'big')
        yield data[at], data[at:end]
        at = end


class RecordKeys:
    """Seals and opens the records of one direction."""

    def __init__(self, secret):
        self._cipher = AESGCM(expand_label(secret, b'key', b'', 16))
        self._iv = expand_label(secret, b'iv', b'', 12)
        self._number = 0

    def _nonce(self):
        nonce = (int.from_bytes(self._iv, 'big') ^ self._number).to_bytes(12, 'big')
        self._number += 1
        return nonce

    def seal(self, kind, data):
        head = b'\x17\3\3' + struct.pack('!H', len(data) + 17)
        return head + self._cipher.encrypt(self._nonce(), data + bytes([kind]), head)

    def open(self, record):
        """(kind, data)"""
        plain = self._cipher.decrypt(self._nonce(), record[5:], record[:5]).rstrip(b'\0')
        return plain[-1], plain[:-1]


class TlsOverStream:
    """A TLS connection on a RawStream whose hello was sent already, in whatever way."""

    def __init__(self, stream, handshake, second_names=None):
        self._stream = stream
        self._handshake = handshake
        self._second_names = second_names
        self._at = 0
        self.alert = False

    def _record(self, timeout_s):
        """The next record, or None where the server ended or stays silent."""
        stream = self._stream

        def there():
            have = len(stream.received) - self._at
            return have >= 5 and have >= 5 + int.from_bytes(stream.received[self._at + 3:self._at + 5], 'big')
        if not stream.until(there, timeout_s):
            return None
        end = self._at + 5 + int.from_bytes(stream.received[self._at + 3:self._at + 5], 'big')
        record = stream.received[self._at:end]
        self._at = end
        self.alert = self.alert or record[0] == 21
        return None if record[0] == 21 else record

    def connect(self, timeout_s):
        """Whether the handshake came about."""
        record = self._record(timeout_s)
        if record is None or record[0] != 22:
            return False
        message = next(whole_messages(record[5:]))[1]
        if self._handshake.is_retry(message):
            hello = self._handshake.second_hello(message, self._second_names)
            self._stream.write(b'\x16\3\3' + vector(2, hello))
            record = self._next_of(22, timeout_s)
            if record is None:
                return False
            message = next(whole_messages(record[5:]))[1]
        self._handshake.take_server_hello(message)
        opener = RecordKeys(self._handshake.server_handshake)
        flight = b''
        while not any(kind == 20 for kind, _ in whole_messages(flight)):
            record = self._next_of(23, timeout_s)
            if record is None:
                return False
            try:
                flight += opener.open(record)[1]
            except InvalidTag:
                return False  # the server's transcript is another one: it read another hello
        finished = self._handshake.take_server_flight(flight)
        self._sealer = RecordKeys(self._handshake.client_application)
        self._opener = RecordKeys(self._handshake.server_application)
        self._stream.write(b'\x14\3\3\0\1\1' + RecordKeys(self._handshake.client_handshake).seal(22, finished))
        return True

    def _next_of(self, kind, timeout_s):
        """The next record of that kind; change_cipher_spec is passed over."""
        while (record := self._record(timeout_s)) is not None:
            if record[0] == kind:
                return record
            if record[0] != 20:
                return None
        return None

    def exchange(self, request, wanted, timeout_s):
        """Sends the request; whether `wanted` came in the answer."""
        self._stream.write(self._sealer.seal(23, request))
        answer = b''
        while wanted not in answer:
            record = self._next_of(23, timeout_s)
            if record is None:
                return False
            kind, data = self._opener.open(record)
            if kind == 23:
                answer += data
            elif kind == 21:
                return False
        return True
