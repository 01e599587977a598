// SPDX-License-Identifier: Apache-2.0
// A client may write "/././." or "//////" for ever before the path that it means.
#include "packet/extract/target_text.h"

#include <algorithm>
#include <cstring>

namespace parapet::packet {
namespace {

bool is_slash(std::uint8_t c) noexcept { return c == '/' || c == '\\'; }

// How many dots a segment is made of, in either spelling; 3: it is no dot segment.
unsigned dots_of(ByteView segment) noexcept {
  unsigned dots = 0;
  while (!segment.empty() && dots < 3) {
    const bool encoded = segment.size() >= 3 && segment[0] == '%' && segment[1] == '2' && (segment[2] | 0x20) == 'e';
    if (segment[0] != '.' && !encoded) return 3;
    segment = segment.subspan(encoded ? 3 : 1);
    ++dots;
  }
  return dots;
}

// Clears the whole segments behind target_cleared; the last one, which may go on, is moved up to them.
void clear_path(RequestText& text) noexcept {
  std::uint8_t* const bytes = text.target.data();
  const std::size_t first = text.target_begin + (is_slash(bytes[text.target_begin]) ? 1U : 0U);
  std::size_t in = std::max<std::size_t>(text.target_cleared, first), out = in;
  const auto ends_path = [](std::uint8_t c) { return c == '?' || c == '#'; };
  const std::size_t path_end =
      static_cast<std::size_t>(std::find_if(bytes + in, bytes + text.target_length, ends_path) - bytes);
  for (;;) {
    const auto end = static_cast<std::size_t>(std::find_if(bytes + in, bytes + path_end, is_slash) - bytes);
    if (end == path_end) break;
    const unsigned dots = dots_of({bytes + in, end - in});
    if (dots == 2) {
      if (out > first) --out;
      while (out > first && !is_slash(bytes[out - 1])) --out;
    } else if (dots == 3) {
      std::memmove(bytes + out, bytes + in, end + 1 - in);
      out += end + 1 - in;
    }
    in = end + 1;
  }
  const std::size_t rest = text.target_length - in;
  std::memmove(bytes + out, bytes + in, rest);
  text.target_cleared = path_end < text.target_length ? RequestText::kPathOver : static_cast<std::uint16_t>(out);
  text.target_length = static_cast<std::uint16_t>(out + rest);
}

}  // namespace

void begin_target(RequestText& text) noexcept {
  if (text.target_length > 0 && text.target_length < kMaxTargetLength) text.target[text.target_length++] = kTargetBreak;
  text.target_begin = text.target_cleared = text.target_length;
}

void push_target(ByteView bytes, RequestText& text) noexcept {
  while (!bytes.empty() && !text.target_cut) {
    const std::size_t kept = std::min(bytes.size(), kMaxTargetLength - text.target_length);
    if (kept > 0) std::memcpy(text.target.data() + text.target_length, bytes.data(), kept);
    text.target_length = static_cast<std::uint16_t>(text.target_length + kept);
    bytes = bytes.subspan(kept);
    if (bytes.empty()) return;
    if (text.target_begin < text.target_length && text.target_cleared != RequestText::kPathOver) clear_path(text);
    text.target_cut = text.target_length == kMaxTargetLength;
  }
}

}  // namespace parapet::packet
