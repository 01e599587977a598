# SPDX-License-Identifier: Apache-2.0
"""Initials of QUIC version 1 as a client sends them, for captures of our own making.  RFC 9001 §5"""

import hashlib
import hmac
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_SALT = bytes.fromhex('38762cf7f55934b34d179ae6a4c80cadccbb7f0a')
_DATAGRAM = 1200
_TAG = 16


def _expand_label(secret, label, length):
    """RFC 8446 §7.1; one block of SHA-256 is enough for all that is needed here."""
    label = b'tls13 ' + label
    wanted = struct.pack('!HB', length, len(label)) + label + b'\0\1'
    return hmac.new(secret, wanted, hashlib.sha256).digest()[:length]


def crypto_frame(offset, data):
    return b'\6' + struct.pack('!HH', 0x4000 | offset, 0x4000 | len(data)) + data


def initial(destination, number, frames):
    """One datagram of at least 1,200 bytes; PADDING behind the frames."""
    secret = _expand_label(hmac.new(_SALT, destination, hashlib.sha256).digest(), b'client in', 32)
    key, iv, mask_key = (_expand_label(secret, label, length)
                         for label, length in ((b'quic key', 16), (b'quic iv', 12), (b'quic hp', 16)))
    before = b'\0\0\0\1' + bytes([len(destination)]) + destination + b'\0' + b'\0'  # no source id, no token
    room = _DATAGRAM - 1 - len(before) - 2 - 2 - _TAG
    frames += bytes(max(0, room - len(frames)))
    header = b'\xc1' + before + struct.pack('!HH', 0x4000 | (2 + len(frames) + _TAG), number)
    nonce = iv[:-2] + bytes(a ^ b for a, b in zip(iv[-2:], struct.pack('!H', number)))
    sealed = AESGCM(key).encrypt(nonce, frames, header)
    mask = Cipher(algorithms.AES(mask_key), modes.ECB()).encryptor().update(sealed[2:18])
    number_bytes = bytes(a ^ b for a, b in zip(header[-2:], mask[1:3]))
    return bytes([header[0] ^ (mask[0] & 0x0f)]) + header[1:-2] + number_bytes + sealed
