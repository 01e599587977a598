// SPDX-License-Identifier: Apache-2.0
// Whether bytes can be the first of a stream with requests in it; says no only where StreamParser would.
#include <algorithm>

#include "packet/extract/extract.h"
#include "packet/extract/scan.h"

namespace parapet::packet {
namespace {

bool could_be_record(ByteView bytes) noexcept {
  constexpr std::uint8_t kAlert = 21;
  if (bytes.size() > 1 && bytes[1] != 3) return false;
  if (bytes[0] != kAlert) return true;
  return (bytes.size() < 4 || bytes[3] == 0) && (bytes.size() < 5 || bytes[4] == 2);
}

bool is_connect(const std::uint8_t* token, std::size_t length) noexcept {
  constexpr char kConnect[] = "connect";
  if (length != sizeof kConnect - 1) return false;
  for (std::size_t i = 0; i < length; ++i) {
    if (lower(token[i]) != kConnect[i]) return false;
  }
  return true;
}

// A URI's scheme and "://", or the beginning of one.
bool could_be_absolute(const std::uint8_t* at, const std::uint8_t* end) noexcept {
  if (!is_alpha(*at)) return false;
  while (at != end && (is_alpha(*at) || is_digit(*at) || *at == '+' || *at == '-' || *at == '.')) ++at;
  for (const char c : {':', '/', '/'}) {
    if (at == end) return true;
    if (*at++ != c) return false;
  }
  return true;
}

}  // namespace

bool could_begin_request(ByteView payload) noexcept {
  if (payload.empty()) return true;
  if (TlsMachine::could_begin(payload[0])) return could_be_record(payload);
  const std::uint8_t* at = payload.data();
  const std::uint8_t* const end = at + std::min<std::size_t>(payload.size(), kMaxUndecided);
  const bool over = payload.size() > kMaxUndecided;
  while (at != end && (is_blank(*at) || is_line_end(*at))) ++at;
  const std::uint8_t* const token = at;
  while (at != end && is_token(*at)) ++at;
  if (at == end) return !over;
  const std::size_t length = static_cast<std::size_t>(at - token);
  if (length == 0 || !is_blank(*at)) return false;
  while (at != end && is_blank(*at)) ++at;
  if (at == end) return !over;
  if (*at == '/' || *at == '*' || (*at > ' ' && *at != ':' && is_connect(token, length))) return true;
  return could_be_absolute(at, end);
}

}  // namespace parapet::packet
