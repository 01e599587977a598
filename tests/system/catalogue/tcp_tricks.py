# SPDX-License-Identifier: Apache-2.0
"""Rows T: what a client may do with TCP segments, and decoys that no server believes."""

import struct
import time

from lab.ends import PYTHON
from lab.frames import ACK, FIN, PSH, RST, SYN, URG
from lab.raw_stream import mss_option

from .messages import over_messages

MD5 = b'\1\1' + struct.pack('!BB', 19, 18) + bytes(range(16))


def pieces(message, *cuts):
    """[(seq, bytes)] of the message cut at these places."""
    places = [0, *cuts, len(message.data)]
    return [(left, message.data[left:right]) for left, right in zip(places, places[1:]) if right > left]


def send_each(stream, segments, flags=ACK | PSH):
    for seq, payload in segments:
        stream.emit(seq, payload, flags)


def steps(message, size):
    return pieces(message, *range(size, len(message.data), size))


def cut_at(*places):
    """Cuts by the message's own marks: start, middle, end, or a number."""
    def send(stream, message):
        send_each(stream, pieces(message, *[getattr(message, each) if isinstance(each, str) else each for each in places]))
    return send


def whole(stream, message):
    stream.emit(0, message.data)


def reverse(size=None):
    def send(stream, message):
        send_each(stream, reversed(steps(message, size) if size else pieces(message, message.middle)))
    return send


def odd_then_even(stream, message):
    segments = steps(message, 23)
    send_each(stream, segments[1::2] + segments[::2])


def longer_copy_replaces_early_one(stream, message):
    """Linux keeps the later of two early segments where the later one covers the first."""
    stream.emit(message.middle + 1, message.decoy[message.middle + 1:message.end])
    stream.emit(message.middle, message.data[message.middle:message.end + 1])
    stream.emit(0, message.data[:message.middle])


def early_decoy_then_early_real(stream, message):
    stream.emit(message.start, message.decoy[message.start:message.end])
    stream.emit(message.start - 1, message.data[message.start - 1:message.end + 1])
    stream.emit(0, message.data[:message.start - 1])


def overlap_to_the_left(stream, message):
    """The second segment begins with junk over bytes that the server has already."""
    stream.emit(0, message.data[:message.middle])
    stream.until(lambda: stream.acked >= message.middle, 1)
    stream.emit(message.middle - 4, b'junk' + message.data[message.middle:])


def real_then_decoy(stream, message):
    """All but the end, then a decoy over the name, then the end."""
    stream.emit(0, message.data[:-4])
    stream.emit(0, message.decoy[:-4])
    stream.emit(len(message.data) - 4, message.data[-4:])


def decoy_first(**how):
    """A copy with another name that the server will refuse, then the real one in two segments."""
    def send(stream, message):
        flags = how.get('flags', ACK | PSH)
        words = {key: value for key, value in how.items() if key not in ('flags', 'seq', 'ack_by', 'old_clock')}
        if 'ack_by' in how:
            words['ack'] = (stream.server_next + how['ack_by']) & 0xffffffff
        if 'old_clock' in how:
            words['options'] = stream.timestamp_option(stream.clock - how['old_clock'])
        stream.emit(how.get('seq', 0), message.decoy, flags, **words)
        send_each(stream, pieces(message, message.middle))
    return send


def decoy_between(**how):
    """The decoy stands where the second half belongs."""
    def send(stream, message):
        stream.emit(0, message.data[:message.middle])
        stream.emit(message.middle, message.decoy[message.middle:], **how)
        stream.emit(message.middle, message.data[message.middle:])
    return send


def empty_decoy(flags, seq=0, between=False, **how):
    """A segment that seems to end the connection, before the request or in its middle."""
    def send(stream, message):
        first, second = pieces(message, message.middle)
        if between:
            stream.emit(*first)
        at = message.middle if between else 0
        stream.emit(at + seq, b'', flags, **how)
        if not between:
            stream.emit(*first)
        stream.emit(*second)
    return send


def second_syn(stream, message):
    """Another initial sequence number in the middle of the connection."""
    stream.emit(0, message.data[:message.middle])
    stream.emit(0x10000000, b'', SYN, ack=0, options=mss_option(1400))
    stream.emit(message.middle, message.data[message.middle:])


def syn_ack_from_the_client(stream, message):
    stream.emit(0, message.data[:message.middle])
    stream.emit(-1, b'', SYN | ACK, options=mss_option(1400))
    stream.emit(message.middle, message.data[message.middle:])


def junk_out_of_band(stream, message):
    """One byte in the name is urgent: the server takes it out of the stream, or reads it where the mark was taken off.

    nginx does not read on behind the mark, so this one goes to a server that does.
    """
    data = message.data[:message.middle] + b'x' + message.data[message.middle:]
    stream.written = data
    stream.emit(0, data, ACK | PSH | URG, urgent=message.middle + 1)
    stream.until(lambda: stream.acked >= len(data), 1)


def urgent_behind_the_data(stream, message):
    """The mark points at a byte that is not sent yet."""
    stream.emit(0, message.data[:message.middle], ACK | PSH | URG, urgent=message.middle + 500)
    stream.emit(message.middle, message.data[message.middle:])


def pointer_without_flag(stream, message):
    stream.emit(0, message.data[:message.middle], urgent=message.middle - 1)
    stream.emit(message.middle, message.data[message.middle:])


def pause(seconds, **cuts):
    def send(stream, message):
        stream.emit(0, message.data[:message.middle])
        time.sleep(seconds)
        stream.clock += int(seconds * 1000)
        stream.emit(message.middle, message.data[message.middle:])
    return send


def twice(stream, message):
    send_each(stream, [each for each in steps(message, 31) for _ in range(2)])


def only_retransmissions(stream, message):
    """Each copy is a little longer, always from the start."""
    for end in range(10, len(message.data) + 10, 30):
        stream.emit(0, message.data[:end])


def splits_move(stream, message):
    """The same bytes again under other cuts, before the last ones come."""
    send_each(stream, steps(message, 40)[:-1])
    send_each(stream, steps(message, 27)[:-1])
    send_each(stream, pieces(message, message.start, message.end))


def zero_window(stream, message):
    stream.window = 0
    stream.emit(0, message.data[:message.middle])
    stream.emit(message.middle, message.data[message.middle:])
    stream.until(lambda: stream.acked >= len(message.data), 1)
    stream.window = 65535
    stream.acknowledge()


def keep_alive_probe(stream, message):
    """One old byte below what is acknowledged, as keep-alive does, with another value."""
    stream.emit(0, message.data[:message.middle])
    stream.until(lambda: stream.acked >= message.middle, 1)
    stream.emit(message.middle - 1, b'\0')
    stream.emit(message.middle, message.data[message.middle:])


def all_flags(stream, message):
    stream.emit(0, message.decoy, FIN | SYN | RST | PSH | ACK | URG)
    send_each(stream, pieces(message, message.middle))


def syn_with(message_part, **more):
    """Opening words: the SYN carries bytes that the server does not acknowledge."""
    def opening(_stream, message):
        return {'payload': message_part(message), **more}
    return opening


def syn_options(*options, flags=SYN):
    return lambda stream, message: {'options': b''.join(options), 'flags': flags}


def cases():
    yield from over_messages('T1', 'one segment', whole)
    for title, places in (('cut behind the first byte', (1,)), ('cut before the name', ('start',)),
                          ('cut in the name', ('middle',)), ('cut behind the name', ('end',)),
                          ('the name alone', ('start', 'end'))):
        yield from over_messages('T1', title, cut_at(*places))
    yield from over_messages('T1', 'single bytes', lambda stream, message: send_each(stream, steps(message, 1)))
    yield from over_messages('T1', 'segments of 7 bytes', lambda stream, message: send_each(stream, steps(message, 7)))
    yield from over_messages('T2', 'two segments, second first', reverse())
    yield from over_messages('T2', 'segments of 20 bytes in reverse', reverse(20))
    yield from over_messages('T2', 'single bytes in reverse', reverse(1), families=(False,))
    yield from over_messages('T2', 'odd segments, then even ones', odd_then_even)
    yield from over_messages('T3', 'a longer early copy replaces the decoy', longer_copy_replaces_early_one, ('http',))
    yield from over_messages('T3', 'a decoy name early, the real one around it', early_decoy_then_early_real, ('http',))
    yield from over_messages('T3', 'junk over acknowledged bytes', overlap_to_the_left)
    yield from over_messages('T3', 'a decoy over the real bytes', real_then_decoy)
    yield from over_messages('T4', 'decoy with a wrong checksum', decoy_first(spoil=1))
    yield from over_messages('T4', 'decoy with checksum 0 in the middle', decoy_between(spoil=0x5a5a))
    yield from over_messages('T5', 'decoy 10,000 bytes in the past', decoy_first(seq=-10000))
    yield from over_messages('T5', 'decoy half the sequence space away', decoy_first(seq=0x80000000))
    yield from over_messages('T5', 'decoy that acknowledges what was never sent', decoy_first(ack_by=0x10000000))
    yield from over_messages('T5', 'decoy with a very old acknowledgement', decoy_first(ack_by=-0x40000000))
    yield from over_messages('T6', 'decoy without ACK', decoy_first(flags=PSH))
    yield from over_messages('T6', 'decoy without any flag', decoy_first(flags=0))
    yield from over_messages('T6', 'decoy with SYN', decoy_first(flags=SYN | ACK | PSH))
    yield from over_messages('T6', 'decoy with all flags half a window away',
                             decoy_first(flags=FIN | SYN | RST | PSH | ACK | URG, seq=0x80000000))
    yield from over_messages('T7', 'decoy with an MD5 option', decoy_first(options=MD5))
    yield from over_messages('T8', 'decoy with an old timestamp', decoy_first(old_clock=600000), timestamps=True)
    yield from over_messages('T8', 'decoy in the middle with an old timestamp', old_clock_between, timestamps=True)
    yield from over_messages('T9', 'decoy whose header ends behind the segment', short_header(15))
    yield from over_messages('T9', 'decoy whose header is too short', short_header(4))
    yield from over_messages('T10', 'the SYN carries a decoy', whole, opening=syn_with(lambda message: message.decoy))
    yield from over_messages('T10', 'the SYN carries the request', whole, opening=syn_with(lambda message: message.data))
    yield from over_messages('T10', 'the SYN carries half a decoy', cut_at('middle'),
                             opening=syn_with(lambda message: message.decoy[:message.middle]))
    yield from over_messages('T11', 'an urgent byte in the name', junk_out_of_band, ('http',), port=PYTHON)
    yield from over_messages('T11', 'an urgent mark behind the data', urgent_behind_the_data)
    yield from over_messages('T11', 'an urgent pointer without its flag', pointer_without_flag)
    for between in (False, True):
        where = 'in the middle' if between else 'at the start'
        yield from over_messages('T12', f'RST with a wrong checksum {where}', empty_decoy(RST | ACK, between=between, spoil=1))
        yield from over_messages('T12', f'RST with a wrong sequence {where}', empty_decoy(RST, 0x70000000, between))
        yield from over_messages('T12', f'RST in the window {where}', empty_decoy(RST, 1000, between))
        yield from over_messages('T12', f'RST with an MD5 option {where}', empty_decoy(RST | ACK, 0, between, options=MD5))
        yield from over_messages('T12', f'RST that dies before the server {where}', empty_decoy(RST | ACK, 0, between, ttl=1))
        yield from over_messages('T12', f'FIN with a wrong checksum {where}', empty_decoy(FIN | ACK, between=between, spoil=1))
        yield from over_messages('T12', f'FIN that dies before the server {where}', empty_decoy(FIN | ACK, 0, between, ttl=1))
        yield from over_messages('T12', f'early FIN {where}', empty_decoy(FIN | ACK, 5000, between), ('tls',))
    # nothing tells the edge that it dies, so the decoy is what the server gets to read: http alone can live with that
    yield from over_messages('I11', 'decoy that dies before the server', decoy_first(ttl=1), ('http',))
    yield from over_messages('I11', 'decoy that dies before the server in the middle', decoy_between(ttl=1), ('http',))
    yield from over_messages('T13', 'a second SYN in the middle', second_syn)
    yield from over_messages('T13', 'a SYN-ACK from the client', syn_ack_from_the_client)
    yield from over_messages('T16', 'four seconds between the halves', pause(4), slow=True)
    yield from over_messages('T21', 'zero window', zero_window)
    yield from over_messages('T21', 'an MSS of 88', whole, opening=syn_options(mss_option(88)))
    yield from over_messages('T21', 'no MSS', whole, opening=syn_options())
    yield from over_messages('T21', 'the MSS twice', whole, opening=syn_options(mss_option(1400), mss_option(200)))
    yield from over_messages('T21', 'SYN with ECN', whole, opening=syn_options(mss_option(1400), flags=SYN | 0xc0))
    yield from over_messages('T21', 'SYN with PSH and URG', whole, opening=syn_options(mss_option(1400), flags=SYN | PSH | URG))
    yield from over_messages('T20', 'SYN with MP_CAPABLE', whole, opening=syn_options(
        mss_option(1400), struct.pack('!BBBB', 30, 4, 0x01, 0x01)))
    yield from over_messages('T21', 'no PSH', lambda stream, message: send_each(stream, steps(message, 33), ACK))
    yield from over_messages('T21', 'every segment twice', twice)
    yield from over_messages('T21', 'always from the start', only_retransmissions)
    yield from over_messages('T21', 'the same bytes under other cuts', splits_move)
    yield from over_messages('T21', 'a keep-alive probe in the middle', keep_alive_probe)
    yield from over_messages('T6', 'all flags at once', all_flags)


def old_clock_between(stream, message):
    stream.emit(0, message.data[:message.middle])
    stream.emit(message.middle, message.decoy[message.middle:], options=stream.timestamp_option(stream.clock - 600000))
    stream.emit(message.middle, message.data[message.middle:])


def short_header(words):
    def send(stream, message):
        stream.emit(0, message.decoy[:30], words=words)
        send_each(stream, pieces(message, message.middle))
    return send
