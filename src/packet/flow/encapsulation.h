// SPDX-License-Identifier: Apache-2.0
// All that stands before an IP packet on its way in one direction: link header, tags, carriers.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>

#include "base/bytes.h"
#include "packet/decode/decode.h"

namespace parapet::packet {

inline constexpr std::size_t kMaxEncapsulation = 224;

// A copy of it, lengths and checksums still those of the packet it came from.
struct Encapsulation {
  std::array<std::uint8_t, kMaxEncapsulation> bytes;
  std::uint16_t length;
  LinkType link;
  LayerTrail trail;  // of its headers, and of the IP header that is to follow
};

// Copies what is before the innermost packet of a frame. False: no packet of ours can be put behind it, because it is
// too long, or of a link that frames are not sent on, or its packets are numbered or sealed.
//   REQUIRES decoded.outcome tcp or udp
inline bool copy_encapsulation(ByteView frame, const Decoded& decoded, Encapsulation& out) noexcept {
  if (decoded.link != LinkType::ethernet && decoded.link != LinkType::raw_ip) return false;
  if (decoded.ip_offset > kMaxEncapsulation || decoded.marks.sequenced || decoded.marks.sealed) return false;
  out.link = decoded.link;
  out.length = decoded.ip_offset;
  out.trail = {};
  std::memcpy(out.bytes.data(), frame.data(), out.length);
  decode_packet(frame, decoded.link, kMaxCarriers, &out.trail);
  return true;
}

}  // namespace parapet::packet
