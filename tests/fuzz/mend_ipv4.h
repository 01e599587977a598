// SPDX-License-Identifier: Apache-2.0
// Most mutations break the IPv4 header checksum, and little lies behind it: puts it right where a frame's first IP
// header stands behind no tag.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "packet/decode/decode.h"
#include "packet/decode/internet_checksum.h"

namespace parapet::fuzz {

// The link type that an input's first byte chooses; its highest bit is for mend_ipv4.
inline packet::LinkType link_of(std::uint8_t byte) noexcept { return static_cast<packet::LinkType>((byte & 0x7f) % 5); }

inline void mend_ipv4(std::vector<std::uint8_t>& frame, packet::LinkType link) {
  constexpr std::size_t kIpOffset[] = {14, 0, 16, 20, 4};
  const std::size_t ip = kIpOffset[static_cast<std::size_t>(link)];
  if (frame.size() < ip + 20) return;
  const std::size_t header = static_cast<std::size_t>(frame[ip] & 0x0f) * 4;
  if (frame[ip] >> 4 != 4 || header < 20 || frame.size() < ip + header) return;
  store_be16(frame.data() + ip + 10, 0);
  packet::InternetSum sum;
  sum.add(ByteView{frame}.subspan(ip, header));
  store_be16(frame.data() + ip + 10, sum.checksum());
}

}  // namespace parapet::fuzz
