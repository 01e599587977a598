// SPDX-License-Identifier: Apache-2.0
// The walk over IPv6's extension headers.
#include "packet/decode/ip_headers.h"

#include "packet/decode/transport.h"

namespace parapet::packet {
namespace {

constexpr std::uint8_t kHopByHop = 0, kRouting = 43, kFragment = 44, kAuthentication = 51, kDestination = 60,
                       kMobility = 135, kHip = 139, kShim6 = 140;
constexpr unsigned kMaxExtensions = 8;
constexpr std::size_t kMaxExtensionBytes = 512;
constexpr std::size_t kBehindFirstHeader = 8;

constexpr bool is_extension(std::uint8_t header) noexcept {
  switch (header) {
    case kHopByHop:
    case kRouting:
    case kFragment:
    case kAuthentication:
    case kDestination:
    case kMobility:
    case kHip:
    case kShim6: return true;
    default: return false;
  }
}

// The length of the extension header at `p`, of which two bytes can be read.
std::size_t extension_length(std::uint8_t header, const std::uint8_t* p) noexcept {
  if (header == kFragment) return 8;
  if (header == kAuthentication) return (std::size_t{p[1]} + 2) * 4;  // RFC 4302 §2.2
  return (std::size_t{p[1]} + 1) * 8;
}

}  // namespace

// A hop-by-hop header that is not the first is accepted by no end (RFC 8200 §4.1), so it would only be a decoy.
Inside read_ipv6_extensions(ByteView packet, Decoded& out) noexcept {
  const std::uint8_t* p = packet.data();
  const std::size_t total = packet.size();
  std::uint8_t next = p[6];
  std::size_t at = kIpv6HeaderLength;
  for (unsigned extensions = 0; is_extension(next); ++extensions) {
    if (next == kHopByHop && extensions > 0) return {Content::invalid_header};
    if (extensions == kMaxExtensions) return {Content::long_chain};
    if (at + 8 > total) return {Content::malformed};
    const std::size_t length = extension_length(next, p + at);
    if (at + length > total) return {Content::malformed};
    if (at + length > kIpv6HeaderLength + kMaxExtensionBytes) return {Content::long_chain};
    if (next == kAuthentication) out.marks.sealed = true;
    const std::uint16_t place = load_be16(p + at + 2);
    if (next == kFragment && (place & 0xfff9) != 0) {  // RFC 6946: offset 0 and M 0 is a whole packet
      out.fragment = {.identification = load_be32(p + at + 4),
                      .offset = static_cast<std::uint16_t>(place & 0xfff8),
                      .header_length = static_cast<std::uint16_t>(at - kIpv6HeaderLength),
                      .protocol = p[at],
                      .more = (place & 1) != 0};
      at += length;
      return inside_at(Content::fragment, at, total - at);
    }
    next = p[at];
    at += length;
  }
  return content_of_protocol(next, at, total - at);
}

bool holds_all_headers(std::uint8_t protocol, bool is_ipv4, ByteView data) noexcept {
  while (!is_ipv4 && is_extension(protocol)) {
    if (data.size() < 8) return false;
    const std::size_t length = extension_length(protocol, data.data());
    if (length > data.size()) return false;
    protocol = data[0];
    data = data.subspan(length);
  }
  const std::size_t behind = is_ipv4 ? kBehindFirstHeader : 0;
  if (protocol == kProtocolUdp) return data.size() >= kUdpHeaderLength + behind;
  if (protocol != kProtocolTcp) return true;
  return data.size() >= kTcpHeaderLength && data.size() >= static_cast<std::size_t>(data[12] >> 4) * 4 + behind;
}

}  // namespace parapet::packet
