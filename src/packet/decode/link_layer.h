// SPDX-License-Identifier: Apache-2.0
// From a frame's first byte to its IP header: Ethernet with tags, and the link types of captures.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "packet/decode/decode.h"

namespace parapet::packet {

inline constexpr std::uint16_t kEtherTypeIpv4 = 0x0800, kEtherTypeIpv6 = 0x86dd;
inline constexpr unsigned kMaxTags = 4;

enum class LinkOutcome : std::uint8_t { ipv4, ipv6, not_ip, malformed };

struct LinkLayer {
  LinkOutcome outcome;
  std::uint16_t ip_offset;
};

// 802.1Q, 802.1ad, and 0x9100, which stacked tags had before 802.1ad.
inline bool is_tag(std::uint16_t ether_type) noexcept {
  return ether_type == 0x8100 || ether_type == 0x88a8 || ether_type == 0x9100;
}

// Follows tags from the EtherType that stands at `type_offset`; `ip_offset` is where the payload of an untagged frame
// begins. A fifth tag is an unknown type.
//
//   … | type 8100 | tci vid | type | payload
//       ^type_offset          ^+4 after each tag
inline LinkLayer read_ether_type(ByteView frame, std::size_t type_offset, std::size_t ip_offset) noexcept {
  if (frame.size() < ip_offset) return {LinkOutcome::malformed, 0};
  std::uint16_t type = load_be16(frame.data() + type_offset);
  for (unsigned tags = 0; tags < kMaxTags && is_tag(type); ++tags) {
    if (frame.size() < ip_offset + 4) return {LinkOutcome::malformed, 0};
    type = load_be16(frame.data() + ip_offset + 2);
    ip_offset += 4;
  }
  const LinkOutcome outcome = type == kEtherTypeIpv4   ? LinkOutcome::ipv4
                              : type == kEtherTypeIpv6 ? LinkOutcome::ipv6
                                                       : LinkOutcome::not_ip;
  return {outcome, static_cast<std::uint16_t>(ip_offset)};
}

inline LinkLayer read_raw_ip(ByteView frame) noexcept {
  if (frame.empty()) return {LinkOutcome::malformed, 0};
  const unsigned version = frame[0] >> 4;
  return {version == 4 ? LinkOutcome::ipv4 : version == 6 ? LinkOutcome::ipv6 : LinkOutcome::not_ip, 0};
}

// Four bytes of address family, in the byte order of the machine that captured (NULL) or of the network (LOOP). The
// number of IPv6 differs from system to system.
inline LinkLayer read_null_loop(ByteView frame) noexcept {
  if (frame.size() < 4) return {LinkOutcome::malformed, 0};
  std::uint32_t family = load_be32(frame.data());
  if (family > 0xffff) family = __builtin_bswap32(family);
  switch (family) {
    case 2: return {LinkOutcome::ipv4, 4};
    case 10:
    case 24:
    case 28:
    case 30: return {LinkOutcome::ipv6, 4};
    default: return {LinkOutcome::not_ip, 4};
  }
}

inline LinkLayer read_link_layer(ByteView frame, LinkType link) noexcept {
  switch (link) {
    case LinkType::ethernet: return read_ether_type(frame, 12, 14);
    case LinkType::raw_ip: return read_raw_ip(frame);
    case LinkType::linux_sll: return read_ether_type(frame, 14, 16);
    case LinkType::linux_sll2: return read_ether_type(frame, 0, 20);
    case LinkType::null_loop: return read_null_loop(frame);
  }
  return {LinkOutcome::not_ip, 0};
}

}  // namespace parapet::packet
