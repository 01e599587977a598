// SPDX-License-Identifier: Apache-2.0
// A server takes one :authority and one :path and refuses more; which one a lenient server takes is not known, so all
// are kept.
#include "packet/extract/http2_fields.h"

#include <algorithm>
#include <string_view>

#include "packet/extract/scan.h"
#include "packet/extract/target_text.h"

namespace parapet::packet {
namespace {

bool equals_ignoring_case(ByteView name, std::string_view lower_case) noexcept {
  return name.size() == lower_case.size() &&
         std::equal(name.begin(), name.end(), lower_case.begin(), [](std::uint8_t a, char b) { return lower(a) == b; });
}

void take_names(ByteView value, RequestText& text) noexcept {
  NameWriter writer;
  writer.start();
  for (const std::uint8_t c : value) {
    if (is_blank(c) || is_line_end(c) || c == ',') {
      writer.finish(text);
    } else {
      writer.push(c, text);
    }
  }
  writer.finish(text);
}

// Behind "scheme://", which a :path has only where somebody hides something; else 0.
std::size_t behind_scheme(ByteView target) noexcept {
  std::size_t at = 0;
  while (at < target.size() && (is_alpha(target[at]) || is_digit(target[at]))) ++at;
  constexpr std::string_view kMark = "://";
  return at > 0 && text_of(target.subspan(at)).starts_with(kMark) ? at + kMark.size() : 0;
}

void take_target(ByteView value, RequestText& text) noexcept {
  begin_target(text);
  if (const std::size_t authority = behind_scheme(value); authority > 0) {
    const ByteView rest = value.subspan(authority);
    const auto path = std::find_if(rest.begin(), rest.end(),
                                   [](std::uint8_t c) { return c == '/' || c == '?' || c == '#' || c == '\\'; });
    take_names({rest.begin(), path}, text);
    value = {path, rest.end()};
  }
  push_target(value.empty() ? bytes_of("/") : value, text);
}

}  // namespace

void take_http2_field(ByteView name, ByteView value, RequestText& text) noexcept {
  if (equals_ignoring_case(name, ":authority") || equals_ignoring_case(name, "host")) return take_names(value, text);
  if (equals_ignoring_case(name, ":path")) take_target(value, text);
}

}  // namespace parapet::packet
