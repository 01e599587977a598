// SPDX-License-Identifier: Apache-2.0
// Most mutations break an IPv4 header checksum, and little lies behind it: puts those of a frame right, from outside
// in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "packet/decode/decode.h"
#include "packet/decode/internet_checksum.h"

namespace parapet::fuzz {

// The link type that an input's first byte chooses; its highest bit is for mend_ipv4.
inline packet::LinkType link_of(std::uint8_t byte) noexcept {
  return static_cast<packet::LinkType>((byte & 0x7f) % packet::kLinkTypes);
}

inline void mend_ipv4(std::vector<std::uint8_t>& frame, packet::LinkType link) {
  for (unsigned headers = 0; headers <= packet::kMaxCarriers; ++headers) {
    packet::LayerTrail trail;
    const auto outcome = packet::decode_packet(frame, link, packet::kMaxCarriers, &trail).outcome;
    if (outcome != packet::DecodeOutcome::malformed || trail.count == 0) return;
    const packet::Layer last = trail.layers[trail.count - 1u];
    if (last.kind != packet::LayerKind::ipv4 || frame.size() < last.offset + 20u) return;
    const std::size_t header = static_cast<std::size_t>(frame[last.offset] & 0x0f) * 4;
    if (header < 20 || frame.size() < last.offset + header) return;
    packet::renew_ipv4_checksum(frame.data() + last.offset);
  }
}

}  // namespace parapet::fuzz
