// SPDX-License-Identifier: Apache-2.0
// TCP resets.  RFC 9293 §3.5.2, RFC 5961 §3
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "packet/decode/decode.h"
#include "packet/flow/encapsulation.h"

namespace parapet::packet {

// What it is put behind, an IP header without options, a TCP header without options.
inline constexpr std::size_t kMaxResetLength = kMaxEncapsulation + 40 + 20;

enum class ResetTo : std::uint8_t { sender, receiver };

// Turns the encapsulation of a plain frame (no carriers) round, so that it leads to who sent it.
void turn_round(Encapsulation& encapsulation) noexcept;

// Writes a reset to one end of the stream of a segment that was stopped: to its sender (as if its receiver had sent it)
// or to its receiver.
//   before  what the reset is put behind, as it stands in that direction; its lengths and checksums are made right
//   flow    of the segment
//   seq, ack  as they shall stand in it; ack is written to the sender alone (RST|ACK)
//   identification  of the IPv4 header; not to be guessed
//   result  the length written; 0 where `out` is too short (kMaxResetLength is always enough)
std::size_t build_reset(const Encapsulation& before, const FlowAddresses& flow, ResetTo to, std::uint32_t seq,
                        std::uint32_t ack, std::uint16_t identification, MutableBytes out) noexcept;

}  // namespace parapet::packet
