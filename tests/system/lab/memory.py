# SPDX-License-Identifier: Apache-2.0
"""Looks for words in everything that a process maps and in files, in each form that a name could be kept in."""

import base64
import os

_CHUNK = 4 << 20
_ZEROS = bytes(_CHUNK)


def forms(word):
    """form → pattern. DNS wire form keeps a label as it is, so a word inside one label is found in clear."""
    found = {
        'clear': word, 'upper case': word.upper(), 'reversed': word[::-1],
        'utf-16-le': word.decode().encode('utf-16-le'), 'utf-16-be': word.decode().encode('utf-16-be'),
        'hex': word.hex().encode(), 'HEX': word.hex().upper().encode(),
    }
    for shift in range(3):
        # the characters that depend on neighbours are left out at both ends
        whole = base64.b64encode(b'\0' * shift + word)
        found[f'base64 at {shift}'] = whole[-(-shift * 8 // 6):(shift + len(word)) * 8 // 6]
    return found


class Search:
    """Counts every form of every word. places: {(where, word, form): count}"""

    def __init__(self, words):
        self._patterns = [(word, form, pattern) for word in words for form, pattern in forms(word).items()]
        self._overlap = max(len(pattern) for _, _, pattern in self._patterns)
        self.places = {}
        self.samples = {}
        self.searched_bytes = 0
        self.unreadable_bytes = 0

    def feed(self, where, chunk, at=0):
        self.searched_bytes += len(chunk)
        for word, form, pattern in self._patterns:
            count = chunk.count(pattern)
            if count:
                key = (where, word, form)
                self.places[key] = self.places.get(key, 0) + count
                found = chunk.find(pattern)
                self.samples[key] = f'at {at + found:#x}: {chunk[max(0, found - 48):found + 80]!r}'

    def process(self, pid, name):
        """Every readable mapping of a running process."""
        with open(f'/proc/{pid}/maps', encoding='ascii', errors='replace') as maps:
            lines = maps.read().splitlines()
        with open(f'/proc/{pid}/mem', 'rb', buffering=0) as memory:
            for line in lines:
                words = line.split(None, 5)
                begin, end = (int(part, 16) for part in words[0].split('-'))
                where = words[5] if len(words) > 5 else 'anonymous'
                if 'r' in words[1] and where not in ('[vvar]', '[vsyscall]', '[vvar_vclock]'):
                    self._mapping(memory, begin, end, f'{name} {where}')

    def _mapping(self, memory, begin, end, where):
        kept = b''
        at = begin
        while at < end:
            size = min(_CHUNK, end - at)
            try:
                chunk = os.pread(memory.fileno(), size, at)
            except OSError:
                chunk = b''
            if not chunk:
                # step over what cannot be read page by page, so that its readable neighbours are not missed
                self.unreadable_bytes += min(4096, size)
                at += min(4096, size)
                kept = b''
                continue
            if chunk == _ZEROS[:len(chunk)]:
                self.searched_bytes += len(chunk)
            else:
                self.feed(where, kept + chunk, at - len(kept))
            kept = chunk[-self._overlap + 1:]
            at += len(chunk)

    def text(self, where, content):
        self.feed(where, content if isinstance(content, bytes) else content.encode())

    def folder(self, path, left_out=()):
        """Every regular file below path."""
        for folder, folders, names in os.walk(path):
            folders[:] = [each for each in folders if os.path.join(folder, each) not in left_out]
            for name in names:
                full = os.path.join(folder, name)
                if os.path.isfile(full) and not os.path.islink(full):
                    with open(full, 'rb') as source:
                        self.feed(full, source.read())

    def found(self, word):
        return {f'{where}: {form}': count for (where, each, form), count in self.places.items() if each == word}

    def describe(self, word):
        """One sample of each place, for whoever has to find out how the name came there."""
        return '\n'.join(f'{where}: {form}: {sample}' for (where, each, form), sample in self.samples.items() if each == word)
