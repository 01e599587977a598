// SPDX-License-Identifier: Apache-2.0
// What a header holds: one step of the decoder's way inwards.
#pragma once

#include <cstddef>
#include <cstdint>

namespace parapet::packet {

enum class Content : std::uint8_t {
  // a header to be read
  ethernet,
  mpls,
  pppoe,
  ppp,
  ipv4,
  ipv6,
  tcp,
  udp,
  gre,
  vxlan,
  gtp_u,
  // here the way ends
  fragment,
  not_ip,
  other_protocol,
  too_deep,
  long_chain,
  invalid_header,
  malformed,
};

// The readers of headers answer with one of these. `offset` counts from the header that was read, and the content ends
// `length` bytes behind it, by what the headers say.
struct Inside {
  Content content;
  bool in_carrier = false;  // the content is a carrier, or stands in one: one more counts against the depth
  std::uint16_t offset = 0;
  std::uint32_t length = 0;
};

// What a header of `offset` bytes, or headers of so many in all, is followed by.
constexpr Inside inside_at(Content content, std::size_t offset, std::size_t length, bool in_carrier = false) noexcept {
  return {content, in_carrier, static_cast<std::uint16_t>(offset), static_cast<std::uint32_t>(length)};
}

}  // namespace parapet::packet
