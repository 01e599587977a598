// SPDX-License-Identifier: Apache-2.0
// Fields of frames.
#include "base/frame_fields.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace parapet {

bool is_visible(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
}

void FrameWriter::field(ByteView value) {
  std::array<std::uint8_t, 4> length;
  store_be32(length.data(), static_cast<std::uint32_t>(value.size()));
  bytes.insert(bytes.end(), length.begin(), length.end());
  bytes.insert(bytes.end(), value.begin(), value.end());
}

std::uint64_t FrameReader::number(std::uint64_t max) {
  const auto digits = text_of(field());
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size() || value > max) wrong_ = true;
  return wrong_ ? 0 : value;
}

std::string format_error_field(const Error& error) {
  std::string context = error.context.substr(0, kMaxErrorContext);
  for (char& c : context) {
    if (c < 0x20 || c >= 0x7f) c = '?';
  }
  return std::string(name_of(error.code)) + "\n" + context;
}

Error parse_error_field(std::string_view text) {
  const auto line_feed = text.find('\n');
  if (line_feed != std::string_view::npos && text.size() - line_feed - 1 <= kMaxErrorContext &&
      is_visible(text.substr(line_feed + 1))) {
    for (int number = 0; number <= static_cast<int>(ErrorCode::unavailable); ++number) {
      const auto code = static_cast<ErrorCode>(number);
      if (name_of(code) == text.substr(0, line_feed)) return {code, std::string(text.substr(line_feed + 1))};
    }
  }
  return {ErrorCode::malformed, "the child's error cannot be read"};
}

}  // namespace parapet
