// SPDX-License-Identifier: Apache-2.0
// Character classes of HTTP and the loops that pass over its bulk sixteen bytes at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace parapet::packet {

inline constexpr std::uint8_t kCr = '\r', kLf = '\n';

// tchar of RFC 9110 §5.6.2.
inline constexpr std::array<bool, 256> kTokenTable = [] {
  std::array<bool, 256> table{};
  for (int c = '0'; c <= '9'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (int c = 'a'; c <= 'z'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (int c = 'A'; c <= 'Z'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (const char c : {'!', '#', '$', '%', '&', '\'', '*', '+', '-', '.', '^', '_', '`', '|', '~'}) {
    table[static_cast<std::size_t>(c)] = true;
  }
  return table;
}();
constexpr bool is_token(std::uint8_t c) noexcept { return kTokenTable[c]; }
constexpr bool is_blank(std::uint8_t c) noexcept { return c == ' ' || c == '\t'; }
constexpr bool is_line_end(std::uint8_t c) noexcept { return c == kCr || c == kLf; }
// What some servers take for a blank in a start line; all controls of it may stand there, no server takes them for
// more.
inline bool is_line_blank(std::uint8_t c) noexcept {
  return is_blank(c) || c == 0x0b || c == 0x0c || (c >= 0x1c && c <= 0x1f) || c == 0x85 || c == 0xa0;
}
inline bool is_digit(std::uint8_t c) noexcept { return c >= '0' && c <= '9'; }
inline bool is_alpha(std::uint8_t c) noexcept { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }
inline std::uint8_t lower(std::uint8_t c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<std::uint8_t>(c | 0x20) : c;
}
// The value of a hexadecimal digit, or -1.
inline int hex_value(std::uint8_t c) noexcept {
  if (is_digit(c)) return c - '0';
  const int letter = (c | 0x20) - 'a';
  return letter >= 0 && letter < 6 ? letter + 10 : -1;
}

// The first CR or LF at or after `p`, or `end`.
inline const std::uint8_t* find_line_end(const std::uint8_t* p, const std::uint8_t* end) noexcept {
#if defined(__SSE2__)
  const __m128i cr = _mm_set1_epi8('\r'), lf = _mm_set1_epi8('\n');
  while (end - p >= 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const int found = _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(bytes, cr), _mm_cmpeq_epi8(bytes, lf)));
    if (found != 0) return p + __builtin_ctz(static_cast<unsigned>(found));
    p += 16;
  }
#endif
  while (p != end && !is_line_end(*p)) ++p;
  return p;
}

// The first control character or space at or after `p`, or `end`.
inline const std::uint8_t* find_space_or_control(const std::uint8_t* p, const std::uint8_t* end) noexcept {
#if defined(__SSE2__)
  const __m128i space = _mm_set1_epi8(' ');
  while (end - p >= 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const int found = _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(bytes, space), bytes));
    if (found != 0) return p + __builtin_ctz(static_cast<unsigned>(found));
    p += 16;
  }
#endif
  while (p != end && *p > ' ') ++p;
  return p;
}

}  // namespace parapet::packet
