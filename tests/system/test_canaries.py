# SPDX-License-Identifier: Apache-2.0
"""1,000 made-up names, half of them asked for: searched in memory, files, logs and metrics in every form."""

import contextlib
import hashlib
import json
import os
import random
import resource
import signal
import struct
import sys
import unittest

from lab.archive import open_archive
from lab.case import BUILD, SceneCase, figure, on_each_kind_of_port
from lab.frames import Wire, dns_query, ethernet, ip_packet, udp_datagram
from lab.hello import client_hello, http_request
from lab.memory import Search, forms
from lab.processes import Daemon, run, wait_until
from lab.scene import Scene
from lab.siphash import host_digest, url_digest
from lab.traffic import NOBODY_HARDWARE

KINDS = ('host', 'domain', 'url', 'prefix')
HALF = 500
OTHER_PACKETS = 100_000
LARGE = 200_000  # names, which a reading child is at for half a second
_HARDWARE = bytes.fromhex('020000000010')
_SOURCE, _DESTINATION = '192.0.2.16', '192.0.2.99'


def search_files(search, scene):
    """All files of a scene but the source itself, the servers' and the kernel's."""
    search.folder(scene.directory, left_out=[os.path.join(scene.directory, each)
                                             for each in ('hotline', 'web', 'dns', 'bpf')])


def made_up_word():
    """Ten letters that stand nowhere else."""
    return bytes(random.SystemRandom().choice(b'bcdfghjklmnpqrstvwxz') for _ in range(10))


class Canary:
    """One entry; its word stands in the host (host kinds) or in the path of an unlisted host (URL kinds)."""

    def __init__(self, word, number):
        self.kind = KINDS[number % len(KINDS)]
        self.label = f'{word.decode()}{number:04d}'
        if self.kind in ('host', 'domain'):
            self.host, self.path = f'{self.label}.example.test', None
        else:
            self.host, self.path = 'open.example.test', f'/{self.label}'
        self.entry = self.host if self.path is None else f'http://{self.host}{self.path}'

    def digest(self, key):
        return host_digest(key, self.host) if self.path is None else url_digest(key, self.host, self.path)


def other_packet(number):
    """A full-size packet of many different streams that asks for nothing."""
    payload = struct.pack('!I', number) + bytes((number + place) & 0xff for place in range(0, 256)) * 5 + bytes(188)
    return ethernet(_HARDWARE, NOBODY_HARDWARE, 0x0800, ip_packet(
        _SOURCE, _DESTINATION, 17, udp_datagram(_SOURCE, _DESTINATION, 1024 + number % 251, 9, payload)))


class TheSearchItself(unittest.TestCase):
    def test_a_planted_name_is_found_in_memory_in_each_form_and_in_a_file(self):
        word = made_up_word()
        with Scene() as scene:
            path = os.path.join(scene.directory, 'planted')
            with open(path, 'wb') as out:
                out.write(b'\0'.join(forms(word).values()))
            holder = Daemon('holder', [sys.executable, '-c',
                                       f'import signal; kept = open({path!r}, "rb").read(); '
                                       f'open({path!r} + ".read", "w").close(); signal.pause()'], f'{path}.log')
            try:
                wait_until(lambda: os.path.exists(f'{path}.read'), 10, 'the holder')
                search = Search([word])
                search.process(holder.pid, 'holder')
                in_memory = {place.rpartition(': ')[2] for place in search.found(word)}
                search = Search([word])
                search_files(search, scene)
                in_files = {place.rpartition(': ')[2] for place in search.found(word)}
            finally:
                holder.stop()
        figure(f'planted in {len(forms(word))} forms: {len(in_memory)} found in memory, {len(in_files)} in files')
        self.assertEqual(in_memory, set(forms(word)))
        self.assertEqual(in_files, set(forms(word)))


class TheArchive(unittest.TestCase):
    """The one place that holds the names says none of them without its key."""

    def setUp(self):
        self.undo = contextlib.ExitStack()
        self.addCleanup(self.undo.close)
        self.scene = self.undo.enter_context(Scene(BUILD, servers=False))
        self.word, self.later_word = made_up_word(), made_up_word()
        self.control = None

    def publish(self, word, count=500):
        """The entries of the list that the hotline has now."""
        canaries = [Canary(word, number) for number in range(count)]
        self.scene.hotline.publish('canaries.csv', ['value,kind'] + [f'{each.entry},{each.kind}' for each in canaries])
        return canaries

    def start(self, increments=None, **settings):
        self.control = self.scene.control([{
            'name': 'hotline', 'url': self.scene.hotline.url('canaries.csv'), 'format': 'csv', 'increments': increments,
            'csv': {'value_column': 'value', 'kind_column': 'kind'}}], **settings)
        self.control.start()

    def archived(self, number):
        return os.path.join(self.control.directory, 'archive', 'hotline', str(number))

    def key(self, name='archive.key'):
        with open(os.path.join(self.control.directory, name), 'rb') as source:
            return source.read()

    def wait_version(self, number):
        wait_until(lambda: os.path.exists(self.archived(number)) and self.control.explain('open.example.test').returncode in (0, 1),
                   20, f'version {number} in the archive')

    def search(self):
        search = Search([self.word, self.later_word])
        search.process(self.control.daemon.pid, 'parapetd')
        search_files(search, self.scene)
        search.text('metrics', self.control.metrics())
        search.text('status', self.control.status().stdout)
        return search

    def test_every_version_is_archived_and_no_name_stands_anywhere_in_clear(self):
        first = self.publish(self.word)
        self.start()
        self.wait_version(1)
        second = self.publish(self.later_word)
        self.wait_version(2)
        search = self.search()
        figure(f'searched {search.searched_bytes >> 20} MiB: archive, state, audit, logs, metrics, status, memory of parapetd: '
               f'{sum(search.found(self.word).values()) + sum(search.found(self.later_word).values())} places')
        for word in (self.word, self.later_word):
            self.assertEqual(search.found(word), {}, search.describe(word))
        # the control: with the key each of them stands there
        for number, canaries in ((1, first), (2, second)):
            texts = sorted(text for _, text in open_archive(self.archived(number), self.key()).values())
            self.assertEqual(texts, sorted(f'{each.kind}:{each.host}' + (f':0{each.path}' if each.path else '')
                                           for each in canaries))
        lines = [line for line, _ in open_archive(self.archived(2), self.key()).values()]
        self.assertEqual(sorted(lines), list(range(2, 502)))

    def test_what_an_increment_makes_is_archived_whole_and_no_name_stands_anywhere_in_clear(self):
        kept, removed = [Canary(self.word, number) for number in range(400)], [Canary(self.word, number) for number in range(400, 500)]
        added = [Canary(self.later_word, number) for number in range(100)]

        def publish(version, base, rows):
            self.scene.hotline.publish('canaries.csv', ['version,base,operation,value,kind'] + [
                f'{version},{base},{operation},{each.entry},{each.kind}' for operation, entries in rows for each in entries])
        publish(1, '', [('add', kept + removed)])
        self.start(increments=True)
        self.wait_version(1)
        publish(2, 1, [('add', added), ('remove', removed)])
        self.wait_version(2)
        search = self.search()
        for word in (self.word, self.later_word):
            self.assertEqual(search.found(word), {}, search.describe(word))
        texts = sorted(text for _, text in open_archive(self.archived(2), self.key()).values())
        self.assertEqual(texts, sorted(f'{each.kind}:{each.host}' + (f':0{each.path}' if each.path else '') for each in kept + added))

    def test_an_entry_id_that_people_see_is_the_archives(self):
        canary = self.publish(self.word)[0]
        self.start()
        self.wait_version(1)
        answer = self.control.explain(canary.host)
        entries = open_archive(self.archived(1), self.key())
        number = next(number for number, (_, text) in entries.items() if text == f'{canary.kind}:{canary.host}')
        self.assertIn(f'{number:016x}', answer.stdout)

    def test_a_name_is_told_to_the_second_of_two_people_and_stands_nowhere_afterwards(self):
        canary = self.publish(self.word)[0]
        self.start()
        self.wait_version(1)
        number = next(number for number, (_, text) in open_archive(self.archived(1), self.key()).items()
                      if text == f'{canary.kind}:{canary.host}')
        anna, boris = (person.key_file for person in self.scene.people[:2])
        asked = [self.control.ask('reveal', 'hotline', f'{number:016x}', '--key', key) for key in (anna, anna, boris)]
        self.assertEqual([each.returncode for each in asked], [0, 3, 0])
        self.assertEqual([canary.host in each.stdout for each in asked], [False, False, True])
        self.assertEqual(self.search().found(self.word), {}, 'in clear outside the answer')

    def test_what_is_held_for_people_is_nowhere_in_clear(self):
        self.publish(self.word)
        self.start()
        self.wait_version(1)
        self.publish(self.later_word)
        wait_until(lambda: self.control.ask('held').returncode == 1, 20, 'the list to be held')
        search = self.search()
        search.text('held', self.control.ask('held', '--json').stdout)
        self.assertEqual(search.found(self.later_word), {}, search.describe(self.later_word))

    def test_its_key_is_private_and_stands_in_no_other_file(self):
        self.publish(self.word)
        self.start()
        self.wait_version(1)
        key = self.key()
        path = os.path.join(self.control.directory, 'archive.key')
        self.assertEqual((len(key), os.stat(path).st_mode & 0o777), (32, 0o600))
        for folder, _, names in os.walk(self.control.directory):
            for name in names:
                full = os.path.join(folder, name)
                if full != path and os.path.isfile(full):
                    with open(full, 'rb') as source:
                        self.assertNotIn(key, source.read(), full)

    def test_another_key_takes_over(self):
        self.publish(self.word)
        self.start()
        self.wait_version(1)
        before = self.key()
        self.control.stop()
        self.start(archive_key_file=os.path.join(self.control.directory, 'next.key'),
                   archive_old_keys=[os.path.join(self.control.directory, 'archive.key')])
        with open(self.control.log_path, encoding='utf-8') as log:
            self.assertIn('"event":"archive_resealed","resealed":1,"closed":0', log.read())
        self.assertEqual(len(open_archive(self.archived(1), self.key('next.key'))), 500)
        self.assertRaises(ValueError, open_archive, self.archived(1), before)

    def test_what_is_refused_is_not_archived(self):
        self.publish(self.word)
        self.start()
        self.wait_version(1)
        self.scene.hotline.publish('canaries.csv', ['value,kind', f'{self.later_word.decode()}.example.test,host', 'broken..name,host'])
        wait_until(lambda: 'lines cannot be read' in self.control.status('--json').stdout
                   or '1 line cannot be read' in self.control.status('--json').stdout, 20, 'the refusal')
        self.assertEqual(os.listdir(os.path.dirname(self.archived(1))), ['1'])
        self.assertEqual(self.search().found(self.later_word), {})


class Crashes(unittest.TestCase):
    """A program that dies of a fault leaves no memory behind, wherever cores would be allowed."""

    def setUp(self):
        self.undo = contextlib.ExitStack()
        self.addCleanup(self.undo.close)
        limits = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (limits[1], limits[1]))
        self.undo.callback(resource.setrlimit, resource.RLIMIT_CORE, limits)
        self.scene = self.undo.enter_context(Scene(BUILD, servers=False))
        self.word = made_up_word()
        self.scene.hotline.publish('list.txt', [f'{self.word.decode()}{number:06d}.example.test' for number in range(LARGE)])
        self.control = self.scene.control([{'name': 'hotline', 'url': self.scene.hotline.url('list.txt'), 'poll_interval_ms': 500}])

    def end_of(self, daemon, signal_number):
        """Sends it and returns whether the kernel wrote a core."""
        os.kill(daemon.pid, signal_number)
        code = os.waitid(os.P_PID, daemon.pid, os.WEXITED | os.WNOWAIT).si_code
        daemon.stop()
        self.assertIn(code, (os.CLD_KILLED, os.CLD_DUMPED))
        return code == os.CLD_DUMPED

    def assert_no_name(self):
        search = Search([self.word])
        search_files(search, self.scene)
        self.assertEqual(search.found(self.word), {}, search.describe(self.word))
        return search.searched_bytes

    def reading_child(self):
        for pid in run(['pgrep', '-P', str(self.control.daemon.pid)], check=False).stdout.split():
            with contextlib.suppress(OSError), open(f'/proc/{pid}/cmdline', 'rb') as line:
                if line.read().startswith(b'parapetd-reading\0'):
                    return int(pid)
        return None

    def test_a_reading_child_that_dies_costs_one_update_and_leaves_no_name(self):
        self.control.begin()
        child = wait_until(self.reading_child, 20, 'a reading child', 0.001)
        with open(f'/proc/{child}/limits', encoding='ascii') as limits:
            core = next(line for line in limits if line.startswith('Max core file size'))
        os.kill(child, signal.SIGSEGV)
        self.assertEqual(core.split()[-3:-1], ['0', '0'])
        self.control.daemon.wait_ready()
        wait_until(lambda: os.path.exists(self.scene.snapshot_file), 20, 'the next poll')
        with open(os.path.join(self.control.directory, 'audit.jsonl'), encoding='utf-8') as records:
            refused = [record for record in map(json.loads, records) if record['type'] == 'list_refused']
        self.assertEqual(len(refused), 1)
        self.assertIn('reading', refused[0]['context'])
        figure(f'a reading child killed amid {LARGE} names: {refused[0]["context"]}; searched {self.assert_no_name() >> 20} MiB')

    def test_parapetd_itself_leaves_neither_a_core_nor_a_name(self):
        self.control.start()
        wait_until(lambda: os.path.exists(self.scene.snapshot_file), 20, 'the snapshot')
        for signal_number in (signal.SIGSEGV, signal.SIGABRT):
            if self.control.daemon is None:
                self.control.start()
            self.assertFalse(self.end_of(self.control.daemon, signal_number))
            self.control.daemon = None
            self.assert_no_name()
        # the control: a program that forbids nothing does leave one
        holder = Daemon('holder', [sys.executable, '-c', 'import signal; print("there", flush=True); signal.pause()'],
                        os.path.join(self.scene.directory, 'holder.log'), directory=self.scene.directory)
        wait_until(lambda: 'there' in holder.log_tail(), 10, 'the holder')
        self.assertTrue(self.end_of(holder, signal.SIGSEGV))


@on_each_kind_of_port
class Canaries(SceneCase):
    @classmethod
    def sources(cls):
        cls.hit_word, cls.cold_word = made_up_word(), made_up_word()
        cls.hit = [Canary(cls.hit_word, number) for number in range(HALF)]
        cls.cold = [Canary(cls.cold_word, number) for number in range(HALF)]
        everything = cls.hit + cls.cold
        random.shuffle(everything)
        cls.scene.hotline.publish('canaries.csv', ['value,kind'] + [f'{each.entry},{each.kind}' for each in everything])
        return [{'name': 'hotline', 'url': cls.scene.hotline.url('canaries.csv'), 'format': 'csv',
                 'csv': {'value_column': 'value', 'kind_column': 'kind'}}]

    def ask_for(self, wire, canary, number):
        """One listed request: DNS, TLS or HTTP."""
        if canary.path is None and number % 8 < 4:
            query = udp_datagram(_SOURCE, _DESTINATION, 2000 + number, 53, dns_query(canary.host))
            wire.send(ethernet(_HARDWARE, NOBODY_HARDWARE, 0x0800, ip_packet(_SOURCE, _DESTINATION, 17, query)))
            return
        port, message = (443, client_hello(canary.host)) if canary.path is None else (
            80, http_request(canary.host, canary.path))
        with self.scene.subscriber.connect(port, timeout_s=1) as connection:
            # in two segments, so that kept bytes are in play too
            try:
                connection.sendall(message[:len(message) // 2])
                connection.sendall(message[len(message) // 2:])
                connection.recv(1)
            except OSError:
                pass

    def search(self):
        search = Search([self.hit_word, self.cold_word])
        search.process(self.edge.daemon.pid, 'parapet-edge')
        search.process(self.control.daemon.pid, 'parapetd')
        search_files(search, self.scene)
        for folder in ('/dev/shm', '/run/dpdk', '/var/run/dpdk', '/dev/hugepages'):
            search.folder(folder)
        search.text('metrics', self.control.metrics())
        search.text('status', self.control.status().stdout)
        return search

    def send_other_packets(self, wire):
        """Until the edge has taken in OTHER_PACKETS of them; a few at a time, so that none is lost on the way."""
        taken = self.edge.counters().rx_frames
        wanted = taken() + OTHER_PACKETS
        number = 0
        while self.edge.counters().rx_frames() < wanted:
            for _ in range(256):
                wire.send(other_packet(number))
                number += 1
            wait_until(lambda: self.edge.counters().rx_frames() >= wanted - OTHER_PACKETS + number * 9 // 10, 5,
                       'the edge to take them in', 0.001)
        return number

    def test_names_never_asked_for_stand_nowhere_and_asked_ones_are_gone_after_other_packets(self):
        with Wire(self.scene.client, 'c0') as wire:
            before = self.edge.counters()
            for number, canary in enumerate(self.hit):
                self.ask_for(wire, canary, number)
            blocked = sum(self.edge.counters().requests(protocol, 'block') - before.requests(protocol, 'block')
                          for protocol in ('dns', 'tls', 'http'))
            figure(f'{HALF} of {2 * HALF} names asked for, {blocked} blocked')
            self.assertGreaterEqual(blocked, HALF)
            first = self.search()
            figure(f'searched {first.searched_bytes >> 20} MiB ({first.unreadable_bytes >> 10} KiB locked away): never asked '
                   f'for: {sum(first.found(self.cold_word).values())} places; asked for: '
                   f'{sum(first.found(self.hit_word).values())} places')
            self.assertEqual(first.found(self.cold_word), {}, first.describe(self.cold_word))
            sent = self.send_other_packets(wire)
        second = self.search()
        figure(f'after {sent} other full-size packets: never asked for: {sum(second.found(self.cold_word).values())} places, '
               f'asked for: {sum(second.found(self.hit_word).values())} places')
        self.assertEqual(second.found(self.cold_word), {}, second.describe(self.cold_word))
        self.assertEqual(second.found(self.hit_word), {}, second.describe(self.hit_word))

    def test_the_digest_key_is_private_and_stands_in_no_other_file(self):
        self.assertEqual(os.stat(self.scene.digest_key_file).st_mode & 0o777, 0o600)
        with open(self.scene.digest_key_file, 'rb') as source:
            key = source.read()
        self.assertEqual(len(key), 16)
        found = []
        for folder, folders, names in os.walk(self.scene.directory):
            folders[:] = set(folders) - {'bpf', 'web'}
            for name in names:
                path = os.path.join(folder, name)
                if os.path.isfile(path) and path != self.scene.digest_key_file:
                    with open(path, 'rb') as source:
                        content = source.read()
                    found += [path for part in (key, key[::-1], key.hex().encode()) if part in content]
        self.assertEqual(found, [])

    def test_without_the_key_a_dictionary_of_all_names_finds_none_in_the_snapshot(self):
        with open(self.scene.snapshot_file, 'rb') as source:
            snapshot = source.read()
        with open(self.scene.digest_key_file, 'rb') as source:
            key = source.read()

        def found_with(guess):
            return sum(struct.pack('<Q', canary.digest(guess)[1]) in snapshot for canary in self.hit + self.cold)
        key_id = snapshot[48:56]
        guesses = [bytes(16), b'\xff' * 16, key_id + bytes(8), key_id + key_id, bytes(range(16)), os.urandom(16)]
        unkeyed = sum(getattr(hashlib, algorithm)(text).digest()[:8] in snapshot for canary in self.hit + self.cold
                      for text in (canary.host.encode(), canary.label.encode(), canary.entry.encode())
                      for algorithm in ('md5', 'sha1', 'sha256', 'sha512', 'blake2b', 'blake2s'))
        with_key, without = found_with(key), [found_with(guess) for guess in guesses]
        figure(f'digests of {2 * HALF} names found in the snapshot: {with_key} with the key, {sum(without)} with '
               f'{len(guesses)} other keys, {unkeyed} by unkeyed hashes')
        self.assertEqual(with_key, 2 * HALF)
        self.assertEqual((sum(without), unkeyed), (0, 0))
