// SPDX-License-Identifier: Apache-2.0
// TCP resets, made from the headers of the segment that was stopped.  RFC 9293 §3.5.2, RFC 5961 §3
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "packet/decode/decode.h"

namespace parapet::packet {

// Link header with its tags as they came, an IP header without options, a TCP header without options.
inline constexpr std::size_t kMaxResetLength = 14 + 4 * 4 + 40 + 20;

enum class ResetTo : std::uint8_t { sender, receiver };

// Writes a reset to the sender of `frame` (as if its receiver had sent it) or to its receiver.
//   seq, ack  as they shall stand in it; ack is written to the sender alone (RST|ACK)
//   identification  of the IPv4 header; not to be guessed
//   out     at least kMaxResetLength bytes
//   result  the length written; 0 where the link type is none that frames are sent on
//   REQUIRES decoded.outcome tcp
std::size_t build_reset(ByteView frame, LinkType link, const Decoded& decoded, ResetTo to, std::uint32_t seq,
                        std::uint32_t ack, std::uint16_t identification, MutableBytes out) noexcept;

}  // namespace parapet::packet
