// SPDX-License-Identifier: Apache-2.0
// Fragments for tests: cuts the packet of a plain Ethernet frame into any parts of itself.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "packet_builder.h"
#include "support_bytes.h"

namespace parapet::support {

// A stretch of a datagram's payload (what is behind its IP header).
struct Stretch {
  std::size_t begin, end;
  bool more;
};

// One fragment of the IPv4 or IPv6 packet in `frame`, which has no tags, options or extension headers.
inline Bytes fragment(const Bytes& frame, const Stretch& stretch, std::uint32_t identification = 77,
                      std::uint8_t hop_limit = 60) {
  const bool v4 = frame[12] == 8;
  const std::size_t payload_at = 14 + (v4 ? 20 : 40);
  Bytes made(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(payload_at));
  const std::size_t length = stretch.end - stretch.begin;
  if (v4) {
    store_be16(made.data() + 14 + 2, static_cast<std::uint16_t>(20 + length));
    store_be16(made.data() + 14 + 4, static_cast<std::uint16_t>(identification));
    store_be16(made.data() + 14 + 6, static_cast<std::uint16_t>(stretch.begin / 8 | (stretch.more ? 0x2000u : 0u)));
    made[14 + 8] = hop_limit;
    store_be16(made.data() + 14 + 10, 0);
    store_be16(made.data() + 14 + 10, internet_checksum({ByteView{made}.subspan(14, 20)}));
  } else {
    Bytes header{made[14 + 6], 0, 0, 0, 0, 0, 0, 0};
    store_be16(header.data() + 2, static_cast<std::uint16_t>(stretch.begin | (stretch.more ? 1u : 0u)));
    store_be32(header.data() + 4, identification);
    made[14 + 6] = 44;
    made[14 + 7] = hop_limit;
    store_be16(made.data() + 14 + 4, static_cast<std::uint16_t>(8 + length));
    append(made, header);
  }
  append(made, ByteView{frame}.subspan(payload_at + stretch.begin, length));
  return made;
}

// All of the packet, cut at these places of its payload, in order.
inline std::vector<Sent> fragments(const Sent& whole, std::vector<std::size_t> cuts,
                                   std::uint32_t identification = 77) {
  const std::size_t length = whole.bytes.size() - 14 - (whole.bytes[12] == 8 ? 20 : 40);
  std::vector<Sent> all;
  cuts.push_back(length);
  std::size_t begin = 0;
  for (const std::size_t end : cuts) {
    all.push_back({fragment(whole.bytes, {begin, end, end != length}, identification), whole.side});
    begin = end;
  }
  return all;
}

}  // namespace parapet::support
