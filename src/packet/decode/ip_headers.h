// SPDX-License-Identifier: Apache-2.0
// IPv4 and IPv6 headers, extension headers and fragments. What every packet has is read in line.
#pragma once

#include <cstring>

#include "base/bytes.h"
#include "packet/decode/decode.h"
#include "packet/decode/inside.h"
#include "packet/decode/internet_checksum.h"

namespace parapet::packet {

inline constexpr std::size_t kIpv4HeaderLength = 20, kIpv6HeaderLength = 40;

// What an IP packet holds whose headers end with this protocol number.
inline Inside content_of_protocol(std::uint8_t protocol, std::size_t offset, std::size_t length) noexcept {
  if (protocol == kProtocolTcp) [[likely]] {
    return inside_at(Content::tcp, offset, length);
  }
  switch (protocol) {
    case kProtocolUdp: return inside_at(Content::udp, offset, length);
    case kProtocolIpv4: return inside_at(Content::ipv4, offset, length, true);
    case kProtocolIpv6: return inside_at(Content::ipv6, offset, length, true);
    case kProtocolGre: return inside_at(Content::gre, offset, length, true);
    case kProtocolMpls: return inside_at(Content::mpls, offset, length, true);
    default: return inside_at(Content::other_protocol, offset, length);
  }
}

// Whether the header sums up to all ones.  RFC 791 §3.1, RFC 1071 §1
inline bool ipv4_checksum_fits(const std::uint8_t* packet, std::size_t header) noexcept {
  InternetSum sum;
  sum.add({packet, kIpv4HeaderLength});
  if (header > kIpv4HeaderLength) sum.add({packet + kIpv4HeaderLength, header - kIpv4HeaderLength});
  return sum.folded() == 0xffff;
}

// ::ffff:a.b.c.d
inline void map_ipv4(const std::uint8_t* address, std::array<std::uint8_t, 16>& out) noexcept {
  static constexpr std::uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  std::memcpy(out.data(), kMapped, sizeof kMapped);
  std::memcpy(out.data() + sizeof kMapped, address, 4);
}

// RFC 791 §3.1. `packet` begins with the IP header and may have a trailer. Fills out.flow and, of a fragment, its part.
inline Inside read_ipv4(ByteView packet, Decoded& out) noexcept {
  if (packet.size() < kIpv4HeaderLength || packet[0] >> 4 != 4) return {Content::malformed};
  const std::uint8_t* p = packet.data();
  const std::size_t header = static_cast<std::size_t>(p[0] & 0x0f) * 4;
  const std::size_t total = load_be16(p + 2);
  if (header < kIpv4HeaderLength || total < header || total > packet.size()) return {Content::malformed};
  if (!ipv4_checksum_fits(p, header)) return {Content::malformed};
  out.flow.is_ipv4 = true;
  map_ipv4(p + 12, out.flow.source);
  map_ipv4(p + 16, out.flow.destination);
  const std::uint16_t place = load_be16(p + 6);
  if ((place & 0x3fff) == 0) [[likely]] {
    return content_of_protocol(p[9], header, total - header);
  }
  out.fragment = {.identification = load_be16(p + 4),
                  .offset = static_cast<std::uint16_t>((place & 0x1fff) * 8),
                  .header_length = static_cast<std::uint16_t>(header),
                  .protocol = p[9],
                  .more = (place & 0x2000) != 0};
  return inside_at(Content::fragment, header, total - header);
}

// What stands behind the fixed header: up to 8 extension headers and 512 bytes of them.  RFC 8200 §4
//   packet  as long as its header says
Inside read_ipv6_extensions(ByteView packet, Decoded& out) noexcept;

// RFC 8200 §3. Fills as read_ipv4().
inline Inside read_ipv6(ByteView packet, Decoded& out) noexcept {
  if (packet.size() < kIpv6HeaderLength || packet[0] >> 4 != 6) return {Content::malformed};
  const std::uint8_t* p = packet.data();
  const std::size_t total = kIpv6HeaderLength + load_be16(p + 4);
  if (total > packet.size()) return {Content::malformed};
  out.flow.is_ipv4 = false;
  std::memcpy(out.flow.source.data(), p + 8, 16);
  std::memcpy(out.flow.destination.data(), p + 24, 16);
  if (p[6] == kProtocolTcp || p[6] == kProtocolUdp) [[likely]] {
    return content_of_protocol(p[6], kIpv6HeaderLength, total - kIpv6HeaderLength);
  }
  return read_ipv6_extensions(packet.first(total), out);
}

// Whether the first fragment of a datagram holds all headers, TCP's or UDP's too, and over IPv4 8 bytes behind them. No
// sender cuts them; what they say could not be judged.  RFC 1858 §2, RFC 3128 §2, RFC 7112 §4
//   protocol  what `data` begins with; where IPv6 goes on with extension headers they are walked
bool holds_all_headers(std::uint8_t protocol, bool is_ipv4, ByteView data) noexcept;

}  // namespace parapet::packet
