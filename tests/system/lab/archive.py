# SPDX-License-Identifier: Apache-2.0
"""Opens a version of the sealed archive as docs/formats/archive.md describes it, by libsodium: another reader than parapetd's."""

import ctypes
import ctypes.util
import struct

_HEAD, _AUTHENTICATED, _NONCE, _STREAM_HEADER, _CHUNK = 144, 96, 72, 24, 65536 + 17
_FINAL = 3


def open_archive(path, key):
    """{entry id: (line, canonical text)}; ValueError where it does not open."""
    sodium = ctypes.CDLL(ctypes.util.find_library('sodium') or 'libsodium.so.23')
    with open(path, 'rb') as source:
        content = source.read()
    data_key = ctypes.create_string_buffer(32)
    sealed = content[_AUTHENTICATED:_HEAD]
    if sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
            data_key, None, None, sealed, ctypes.c_ulonglong(len(sealed)), content[:_AUTHENTICATED],
            ctypes.c_ulonglong(_AUTHENTICATED), content[_NONCE:_AUTHENTICATED], key) != 0:
        raise ValueError('the head does not open')
    state = ctypes.create_string_buffer(sodium.crypto_secretstream_xchacha20poly1305_statebytes())
    begin = _HEAD + _STREAM_HEADER
    sodium.crypto_secretstream_xchacha20poly1305_init_pull(state, content[_HEAD:begin], data_key)
    clear, tag = b'', ctypes.c_ubyte(0)
    for at in range(begin, len(content), _CHUNK):
        chunk = content[at:at + _CHUNK]
        piece = ctypes.create_string_buffer(max(1, len(chunk) - 17))
        if sodium.crypto_secretstream_xchacha20poly1305_pull(
                state, piece, None, ctypes.byref(tag), chunk, ctypes.c_ulonglong(len(chunk)), None, ctypes.c_ulonglong(0)) != 0:
            raise ValueError(f'the chunk at {at} does not open')
        clear += piece.raw[:len(chunk) - 17]
    if tag.value != _FINAL:
        raise ValueError('it has no end')
    return _entries(clear)


def _entries(clear):
    entries, at = {}, 0
    while at < len(clear):
        number, line, length = struct.unpack_from('<QQH', clear, at)
        at += 18
        entries[number] = (line, clear[at:at + length].decode())
        at += length
    return entries
