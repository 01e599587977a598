// SPDX-License-Identifier: Apache-2.0
// Encodings that only some servers take off a target.
#include "canon/hex_digit.h"
#include "canon/url.h"

namespace parapet::canon {
namespace {

bool is_unreserved(int c) noexcept {
  return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '-' || c == '.' || c == '_' ||
         c == '~';
}

// A number in `digits` hexadecimal digits at `at`, or -1.
int hex_number(ByteView in, std::size_t at, std::size_t digits) noexcept {
  if (at + digits > in.size()) return -1;
  int number = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    const int digit = hex_digit(in[at + i]);
    if (digit < 0) return -1;
    number = number * 16 + digit;
  }
  return number;
}

// One byte, as it stands or as %XX.
struct Octet {
  int value;           // -1: none
  std::size_t length;  // of its spelling
};
Octet octet_at(ByteView in, std::size_t at) noexcept {
  if (at >= in.size()) return {-1, 0};
  if (in[at] != '%') return {in[at], 1};
  return {hex_number(in, at + 1, 2), 3};
}

// An ASCII character in two or three bytes of UTF-8: C0/C1 xx, E0 80/81 xx.
Octet overlong_at(ByteView in, std::size_t at) noexcept {
  const Octet first = octet_at(in, at);
  if (first.value != 0xc0 && first.value != 0xc1 && first.value != 0xe0) return {-1, 0};
  std::size_t length = first.length;
  int high = first.value & 0x1f;
  if (first.value == 0xe0) {
    const Octet second = octet_at(in, at + length);
    if (second.value != 0x80 && second.value != 0x81) return {-1, 0};
    high = second.value & 0x3f;
    length += second.length;
  }
  const Octet last = octet_at(in, at + length);
  if (last.value < 0x80 || last.value > 0xbf) return {-1, 0};
  return {high << 6 | (last.value & 0x3f), length + last.length};
}

// What the layer at `at` hides: a character and the length of its spelling.
Octet hidden_at(ByteView in, std::size_t at) noexcept {
  if (in[at] == '%' && at + 1 < in.size() && (in[at + 1] | 0x20) == 'u') {
    const int value = hex_number(in, at + 2, 4);
    return value >= 0 && value < 0x80 ? Octet{value, 6} : Octet{-1, 0};
  }
  return overlong_at(in, at);
}

}  // namespace

bool take_off_encoding(ByteView in, std::array<std::uint8_t, kMaxTarget>& out, std::size_t& length) noexcept {
  bool found = false;
  length = 0;
  for (std::size_t at = 0; at < in.size() && length < out.size();) {
    const int plain = in[at] == '%' ? hex_number(in, at + 1, 2) : -1;
    if (plain == '%' || is_unreserved(plain)) {
      found |= plain == '%';
      out[length++] = static_cast<std::uint8_t>(plain);
      at += 3;
      continue;
    }
    const Octet hidden = in[at] == '%' || in[at] >= 0xc0 ? hidden_at(in, at) : Octet{-1, 0};
    if (hidden.value < 0) {
      out[length++] = in[at++];
      continue;
    }
    found = true;
    at += hidden.length;
    if (hidden.length < 3 || length + 3 > out.size()) {
      out[length++] = static_cast<std::uint8_t>(hidden.value);
      continue;
    }
    out[length++] = '%';
    out[length++] = static_cast<std::uint8_t>(kHex[static_cast<std::size_t>(hidden.value >> 4)]);
    out[length++] = static_cast<std::uint8_t>(kHex[static_cast<std::size_t>(hidden.value & 15)]);
  }
  return found;
}

}  // namespace parapet::canon
