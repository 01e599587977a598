# SPDX-License-Identifier: Apache-2.0
"""Makes a capture small while a difference stays: first halves, quarters, ... of its packets go, at last single ones."""

_MAX_TRIALS = 400


def shrink(count, still_differs):
    """count: packets 0..count-1, which differ. still_differs(set of packets) → whether these alone do.
    Returns (the packets that are needed, the trials it took)."""
    kept = list(range(count))
    trials = 0
    piece = (count + 1) // 2
    while piece > 0 and trials < _MAX_TRIALS:
        at = 0
        shrunk = False
        while at < len(kept) and trials < _MAX_TRIALS:
            rest = kept[:at] + kept[at + piece:]
            trials += 1
            if rest and still_differs(set(rest)):
                kept = rest
                shrunk = True
            else:
                at += piece
        # After single packets went, others may be free to go.
        piece = 1 if piece == 1 and shrunk else piece // 2
    return kept, trials
