// SPDX-License-Identifier: Apache-2.0
// Hexadecimal digits of percent-encoding.
#pragma once

#include <cstdint>
#include <string_view>

namespace parapet::canon {

inline constexpr std::string_view kHex = "0123456789ABCDEF";

// The value of a digit, or -1.
constexpr int hex_digit(std::uint8_t c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace parapet::canon
