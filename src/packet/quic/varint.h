// SPDX-License-Identifier: Apache-2.0
// QUIC's numbers of 1, 2, 4 or 8 bytes.  RFC 9000 §16
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace parapet::packet {

// The two top bits of the first byte say the length; any length may hold any number that fits. 0 with !ok() at the end.
inline std::uint64_t read_varint(ByteReader& reader) noexcept {
  const std::uint8_t first = reader.u8();
  std::uint64_t value = first & 0x3f;
  for (unsigned more = (1U << (first >> 6)) - 1; more > 0; --more) value = value << 8 | reader.u8();
  return reader.ok() ? value : 0;
}

}  // namespace parapet::packet
