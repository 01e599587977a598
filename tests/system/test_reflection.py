# SPDX-License-Identifier: Apache-2.0
"""The five published TCP reflection sequences and spoofed payloads: without a handshake not one byte comes back."""

import os

from lab.case import SceneCase, figure, on_each_kind_of_port
from lab.frames import ACK, FIN, PSH, RST, SYN, Wire, ethernet, ip_kind, ip_packet, tcp_segment
from lab.hello import client_hello, http_request
from lab.raw_tcp import RawConnection, introduce
from lab.scene import SERVER_ADDRESSES
from lab.traffic import NOBODY_HARDWARE

# The victim's addresses, which an attacker writes into its packets, and a server that does not exist: whatever comes
# out that was not sent comes from the edge.
VICTIMS = ('192.0.2.77', '2001:db8::4d')
NOWHERE = ('192.0.2.99', '2001:db8::63')
ATTACKER_HARDWARE = bytes.fromhex('02000000000f')

SEQUENCES = {
    'SYN': [SYN],
    'PSH': [PSH],
    'PSH+ACK': [PSH | ACK],
    'SYN; PSH': [SYN, PSH],
    'SYN; PSH+ACK': [SYN, PSH | ACK],
    'SYN with payload; ACK; PSH+ACK': [SYN, ACK, PSH | ACK],
    'RST+PSH': [RST | PSH],
    'FIN+PSH+ACK': [FIN | PSH | ACK],
    'PSH+ACK twenty times': [PSH | ACK] * 20,
}


def sequence_frames(flags, victim, server, port, payload):
    """The frames of one attack; a payload stands in each that is no bare ACK, and in a SYN only where nothing follows."""
    source_port = 1024 + int.from_bytes(os.urandom(2), 'big') % 60000
    seq = int.from_bytes(os.urandom(4), 'big')
    frames = []
    for position, each in enumerate(flags):
        carries = each not in (ACK,) and not (each == SYN and position == 0 and len(flags) == 2)
        tcp = tcp_segment(victim, server, source_port, port, seq, 0x12345678 if each & ACK else 0, each,
                          payload if carries else b'')
        frames.append(ethernet(ATTACKER_HARDWARE, NOBODY_HARDWARE, ip_kind(victim), ip_packet(victim, server, 6, tcp)))
        seq += 1 if each == SYN else 0
    return frames


@on_each_kind_of_port
class Reflection(SceneCase):
    def injected(self):
        actions = self.edge.counters().actions()
        return actions['reset_to_client'] + actions['reset_to_server']

    def attack(self, sender, receiver):
        """Sends every sequence. Returns (frames sent, frames back at the sender, frames at the receiver not sent)."""
        sent = []
        for victim, server in zip(VICTIMS, NOWHERE):
            for port, payload in ((80, http_request('listed.example.test')), (443, client_hello('listed.example.test')),
                                  (8080, http_request('pages.example.test', '/stop/this.html'))):
                for flags in SEQUENCES.values():
                    sent += sequence_frames(flags, victim, server, port, payload)
        for frame in sent:
            sender.send(frame)
        ours = (ATTACKER_HARDWARE, NOBODY_HARDWARE)
        across = [frame for frame in receiver.receive_all(0.5) if frame[:6] in ours or frame[6:12] in ours]
        back = [frame for frame in sender.receive_all(0.2) if frame[:6] in ours or frame[6:12] in ours]
        return len(sent), back, [frame for frame in across if frame not in set(sent)]

    def test_no_sequence_without_a_handshake_brings_a_byte_out(self):
        before = self.injected()
        with Wire(self.scene.client, 'c0') as left, Wire(self.scene.server, 's0') as right:
            for name, sender, receiver in (('subscriber', left, right), ('transit', right, left)):
                count, back, made = self.attack(sender, receiver)
                figure(f'{count} frames of {len(SEQUENCES)} sequences from the {name} side: '
                       f'{sum(map(len, back))} bytes back, {sum(map(len, made))} bytes made across')
                self.assertEqual((back, made), ([], []))
        self.assertEqual(self.injected() - before, 0)

    def test_after_a_real_handshake_the_same_capture_sees_one_reset_to_each_end(self):
        introduce(self.scene)
        before = self.edge.counters().actions()
        with Wire(self.scene.server, 's0') as right, Wire(self.scene.client, 'c0') as left:
            connection = RawConnection(left, right.address, SERVER_ADDRESSES[0])
            self.assertTrue(connection.open())
            right.drain()
            connection.send(0, http_request('listed.example.test'))
            connection.listen(0.3)
            at_server = [frame for frame in right.receive_all(0.2) if frame[12:14] == b'\x08\x00' and frame[23] == 6]
        after = self.edge.counters().actions()
        resets = {name: after[name] - before[name] for name in ('reset_to_client', 'reset_to_server')}
        payloads = [frame for frame in at_server if b'listed' in frame]
        figure(f'with handshake evidence: {resets}, {sum(map(len, at_server))} bytes to the server, none of them payload')
        self.assertTrue(connection.reset_seen)
        self.assertEqual(resets, {'reset_to_client': 1, 'reset_to_server': 1})
        self.assertEqual(payloads, [])
