// SPDX-License-Identifier: Apache-2.0
// Whether bytes can be the first of a stream with requests in it. Says no where StreamParser would; and to DNS that
// does not begin with a plain query, because in the middle of unknown traffic the parser's own looser rule would see
// too much.
#include <algorithm>
#include <array>

#include "packet/extract/extract.h"
#include "packet/extract/scan.h"

namespace parapet::packet {
namespace {

// seen: from a stream's first byte on.
bool could_be_record(ByteView bytes, bool seen) noexcept {
  constexpr std::uint8_t kChangeCipherSpec = 20, kAlert = 21;
  if (bytes.size() > 1 && (seen ? bytes[1] >= 0x10 : bytes[1] != 3)) return false;
  if (bytes[0] != kAlert && bytes[0] != kChangeCipherSpec) return true;
  const std::uint8_t length = bytes[0] == kAlert ? 2 : 1;
  return (bytes.size() < 4 || bytes[3] == 0) && (bytes.size() < 5 || bytes[4] == length);
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

// Any other target, with a version behind it; `otherwise` where the bytes end before it.
bool could_be_odd(const std::uint8_t* at, const std::uint8_t* end, bool otherwise) noexcept {
  static constexpr char kHttp[] = "http/";
  if (*at <= ' ' || *at == ':') return false;
  at = find_space_or_control(at, end);
  if (at != end && !is_line_blank(*at)) return false;
  while (at != end && is_line_blank(*at)) ++at;
  for (std::size_t i = 0; i < sizeof kHttp - 1; ++i, ++at) {
    if (at == end) return otherwise;
    if (lower(*at) != kHttp[i]) return false;
  }
  return true;
}

// length 2 | ID 2 | flags 2 | four counts: a query, 1..4 questions, no answer, no authority, a few additional records.
bool could_be_query(ByteView bytes) noexcept {
  constexpr std::uint16_t kShortest = 12 + 5;
  constexpr std::uint8_t kMaxAdditional = 4;
  if (bytes.size() > 1 && load_be16(bytes.data()) < kShortest) return false;
  const auto in_range = [bytes](std::size_t at, std::uint8_t least, std::uint8_t most) {
    return at >= bytes.size() || (bytes[at] >= least && bytes[at] <= most);
  };
  if (!in_range(4, 0, 7) || !in_range(6, 0, 0) || !in_range(7, 1, DnsQuestions::kMax)) return false;
  for (std::size_t at = 8; at < 13; ++at) {
    if (!in_range(at, 0, 0)) return false;
  }
  return in_range(13, 0, kMaxAdditional);
}

// What an unseen start line can begin with: most bytes of encrypted traffic are told from it by one look.
constexpr std::array<bool, 256> kBeginsUnseenLine = [] {
  std::array<bool, 256> table{};
  for (std::size_t c = 0; c < table.size(); ++c) {
    const auto byte = static_cast<std::uint8_t>(c);
    table[c] = is_token(byte) || is_blank(byte) || is_line_end(byte);
  }
  return table;
}();

// seen: from a stream's first byte on; only then are spellings taken that hardly a client uses and much that is no
// HTTP.
bool could_be_start_line(ByteView payload, bool seen) noexcept {
  const auto is_separator = [seen](std::uint8_t c) { return seen ? is_line_blank(c) : is_blank(c); };
  const std::uint8_t* at = payload.data();
  const std::uint8_t* const end = at + std::min<std::size_t>(payload.size(), kMaxUndecided);
  const bool over = payload.size() > kMaxUndecided;
  while (at != end && (is_separator(*at) || is_line_end(*at))) ++at;
  const std::uint8_t* const token = at;
  while (at != end && is_token(*at)) ++at;
  if (at == end) return !over;
  const std::size_t length = static_cast<std::size_t>(at - token);
  if (length == 0 || !(is_separator(*at) || (seen && *at == kCr))) return false;
  if (*at == kCr) ++at;
  while (at != end && is_separator(*at)) ++at;
  if (at == end) return !over;
  if (is_line_blank(*at)) return false;  // of those that only a seen line may have
  if (*at == '/' || *at == '*' || (*at > ' ' && *at != ':' && is_connect(token, length))) return true;
  return could_be_absolute(at, end) || could_be_odd(at, end, seen && !over);
}

}  // namespace

bool could_begin_request(ByteView payload) noexcept {
  if (payload.empty() || could_be_query(payload)) return true;
  return TlsMachine::could_begin(payload[0]) ? could_be_record(payload, true) : could_be_start_line(payload, true);
}

bool could_begin_unseen_request(ByteView payload) noexcept {
  constexpr std::size_t kIntoFirstCount = 7;
  if (payload.empty() || (payload.size() >= kIntoFirstCount && could_be_query(payload))) return true;
  if (TlsMachine::could_begin(payload[0])) return could_be_record(payload, false);
  return kBeginsUnseenLine[payload[0]] && could_be_start_line(payload, false);
}

}  // namespace parapet::packet
