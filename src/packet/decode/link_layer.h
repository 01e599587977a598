// SPDX-License-Identifier: Apache-2.0
// What frames begin with: Ethernet with tags or LLC/SNAP, PPP, and the link types of captures.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/bytes.h"
#include "packet/decode/decode.h"
#include "packet/decode/inside.h"

namespace parapet::packet {

inline constexpr std::uint16_t kMaxLengthField = 1500;  // above it stands an EtherType.  IEEE 802.3 §3.2.6

// 802.1Q, 802.1ad, and 0x9100, which stacked tags had before 802.1ad.
inline bool is_tag(std::uint16_t ether_type) noexcept {
  return ether_type == 0x8100 || ether_type == 0x88a8 || ether_type == 0x9100;
}

inline Inside content_of(std::uint16_t ether_type, std::size_t offset, std::size_t length) noexcept {
  switch (ether_type) {
    case 0x0800: return inside_at(Content::ipv4, offset, length);
    case 0x86dd: return inside_at(Content::ipv6, offset, length);
    case 0x8847:
    case 0x8848: return inside_at(Content::mpls, offset, length, true);
    case 0x8864: return inside_at(Content::pppoe, offset, length, true);
    default: return inside_at(Content::not_ip, offset, length);
  }
}

// By the first nibble, which is the version.
inline Inside read_any_ip(ByteView packet) noexcept {
  if (packet.empty()) return {Content::malformed};
  const unsigned version = packet[0] >> 4;
  const Content content = version == 4 ? Content::ipv4 : version == 6 ? Content::ipv6 : Content::not_ip;
  return inside_at(content, 0, packet.size());
}

// A frame whose payload begins with LLC: the place of its length field, 0 where there is none.
struct LinkNotes {
  TagStack* tags = nullptr;  // filled where it is there
  std::uint16_t length_field = 0;
};

// Follows tags from the EtherType that stands at `type_offset`; `offset` is where the payload of an untagged frame
// begins. A fifth tag is an unknown type.  IEEE 802.1Q §9.6, RFC 1042
//
//   … | type 8100 | tci vid | type | payload
//       ^type_offset          ^+4 after each tag
//   … | length | aa aa 03 | 00 00 00 | type | payload      LLC and SNAP; the frame ends where the length says
inline Inside read_ether_type(ByteView frame, std::size_t type_offset, std::size_t offset, LinkNotes& notes) noexcept {
  if (frame.size() < offset) return {Content::malformed};
  std::uint16_t type = load_be16(frame.data() + type_offset);
  for (unsigned tags = 0; tags < kMaxTags && is_tag(type); ++tags) {
    if (frame.size() < offset + 4) return {Content::malformed};
    if (notes.tags != nullptr) notes.tags->push(load_be16(frame.data() + offset));
    type_offset = offset + 2;
    type = load_be16(frame.data() + type_offset);
    offset += 4;
  }
  if (type > kMaxLengthField) return content_of(type, offset, frame.size() - offset);
  const std::size_t length = type;
  if (length > frame.size() - offset) return {Content::malformed};
  const std::uint8_t* llc = frame.data() + offset;
  const bool is_snap = length >= 8 && llc[0] == 0xaa && llc[1] == 0xaa && llc[2] == 3 && load_be24(llc + 3) == 0;
  if (!is_snap) return {Content::not_ip};
  notes.length_field = static_cast<std::uint16_t>(type_offset);
  return content_of(load_be16(llc + 6), offset + 8, length - 8);
}

// RFC 1661 §2, RFC 1662 §3.1: address and control may have been left out, and so may the upper byte of the protocol
// number. 0f and 8f begin Cisco's framing, which has an EtherType instead.
inline Inside read_ppp(ByteView frame) noexcept {
  if (frame.size() < 2) return {Content::malformed};
  std::size_t at = 0;
  if (frame[0] == 0x0f || frame[0] == 0x8f) {
    return frame.size() < 4 ? Inside{Content::malformed} : content_of(load_be16(frame.data() + 2), 4, frame.size() - 4);
  }
  if (frame[0] == 0xff && frame[1] == 0x03) at = 2;
  if (frame.size() < at + 2) return {Content::malformed};
  const bool is_short = (frame[at] & 1) != 0;
  const std::uint16_t protocol = is_short ? frame[at] : load_be16(frame.data() + at);
  at += is_short ? 1 : 2;
  switch (protocol) {
    case 0x0021: return content_of(0x0800, at, frame.size() - at);
    case 0x0057: return content_of(0x86dd, at, frame.size() - at);
    case 0x0281:
    case 0x0283: return content_of(0x8847, at, frame.size() - at);
    default: return {Content::not_ip};
  }
}

// Four bytes of address family, in the byte order of the machine that captured (NULL) or of the network (LOOP). The
// number of IPv6 differs from system to system.
inline Inside read_null_loop(ByteView frame) noexcept {
  if (frame.size() < 4) return {Content::malformed};
  std::uint32_t family = load_be32(frame.data());
  if (family > 0xffff) family = __builtin_bswap32(family);
  switch (family) {
    case 2: return content_of(0x0800, 4, frame.size() - 4);
    case 10:
    case 24:
    case 28:
    case 30: return content_of(0x86dd, 4, frame.size() - 4);
    default: return {Content::not_ip};
  }
}

inline Inside read_ethernet(ByteView frame, LinkNotes& notes) noexcept { return read_ether_type(frame, 12, 14, notes); }

[[gnu::noinline]] inline Inside read_captured_link(ByteView frame, LinkType link, LinkNotes& notes) noexcept {
  switch (link) {
    case LinkType::ethernet: break;
    case LinkType::raw_ip:
    case LinkType::whole_datagram: return read_any_ip(frame);
    case LinkType::linux_sll: return read_ether_type(frame, 14, 16, notes);
    case LinkType::linux_sll2: return read_ether_type(frame, 0, 20, notes);
    case LinkType::null_loop: return read_null_loop(frame);
    case LinkType::ppp: return read_ppp(frame);
    case LinkType::pppoe: return inside_at(Content::pppoe, 0, frame.size(), true);
  }
  return {Content::not_ip};
}

inline Inside read_link_layer(ByteView frame, LinkType link, LinkNotes& notes) noexcept {
  if (link == LinkType::ethernet) [[likely]] {
    return read_ethernet(frame, notes);
  }
  return read_captured_link(frame, link, notes);
}

}  // namespace parapet::packet
