# SPDX-License-Identifier: Apache-2.0
"""Initials of QUIC version 1 as a client sends them, for captures of our own making.  RFC 9001 §5"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), '..', 'system'))
from lab.quic_packets import INITIAL, V1, crypto_frame, initial_keys, long_head  # noqa: E402,F401

_DATAGRAM, _TAG, _NUMBER_SIZE = 1200, 16, 2


def initial(destination, number, frames):
    """One datagram of at least 1,200 bytes; PADDING behind the frames."""
    def head(payload):
        return long_head(INITIAL, V1, destination, b'', _NUMBER_SIZE + len(payload) + _TAG, _NUMBER_SIZE)
    room = _DATAGRAM - len(head(b'')) - _NUMBER_SIZE - _TAG
    payload = frames + bytes(max(0, room - len(frames)))
    return initial_keys(V1, destination)[0].seal(head(payload), number, _NUMBER_SIZE, payload)
