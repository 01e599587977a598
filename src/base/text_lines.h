// SPDX-License-Identifier: Apache-2.0
// Lines of a text that is held whole, and the blanks around words.
#pragma once

#include <algorithm>
#include <string_view>

namespace parapet {

// Takes the first line off `rest`: without its end, LF or CR LF. The last line need have none.
constexpr std::string_view take_line(std::string_view& rest) noexcept {
  const auto end = std::min(rest.find('\n'), rest.size());
  auto line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// Without blanks and tabs at both ends.
constexpr std::string_view trim(std::string_view text) noexcept {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

}  // namespace parapet
