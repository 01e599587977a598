// SPDX-License-Identifier: Apache-2.0
// Numbers in the byte order of the machine that wrote a capture.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace parapet::cli {

// The caller has checked the length.
struct FieldOrder {
  bool big_endian = false;

  std::uint16_t u16(const std::uint8_t* p) const noexcept {
    return big_endian ? load_be16(p) : __builtin_bswap16(load_be16(p));
  }
  std::uint32_t u32(const std::uint8_t* p) const noexcept {
    return big_endian ? load_be32(p) : __builtin_bswap32(load_be32(p));
  }
  std::uint64_t u64(const std::uint8_t* p) const noexcept {
    return big_endian ? load_be64(p) : __builtin_bswap64(load_be64(p));
  }
};

}  // namespace parapet::cli
