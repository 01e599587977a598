// SPDX-License-Identifier: Apache-2.0
// The two ways in which a TCP segment of others is altered, each followed by its counter (rewritten_*).
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "packet/decode/decode.h"

namespace parapet::packet {

// Shortens the segment to the first `payload_length` bytes of its payload: IP and TCP headers say so, and all
// headers of carriers around them; PSH and FIN are cleared (what they stood for was cut off), checksums are made new.
// The bytes cut off are wiped.
//   out     the frame's new length (a trailer is gone); decoded.payload_length fits it
//   REQUIRES decoded.outcome tcp and not sealed, payload_length < decoded.payload_length
std::uint32_t cut_segment(MutableBytes frame, Decoded& decoded, std::uint32_t payload_length) noexcept;

// Keeps a checksum as right or wrong as it was while bytes of the TCP segment change: made before, finish() after.
// The sum over the segment stays what it was, so those of carriers need no mending.  RFC 1624 §3
class ChecksumRepair {
 public:
  ChecksumRepair(ByteView frame, const Decoded& decoded) noexcept;
  void finish(MutableBytes frame) const noexcept;

 private:
  ByteView segment_of(ByteView frame) const noexcept;
  const Decoded& decoded_;
  std::uint16_t sum_before_;
};

}  // namespace parapet::packet
