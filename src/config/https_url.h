// SPDX-License-Identifier: Apache-2.0
// URLs of sources, as control.toml may have them.
#pragma once

#include <algorithm>
#include <string_view>

#include "config/toml_table.h"

namespace parapet::config {

// "https://HOST..." without user, password, blanks or bytes beyond ASCII.
inline bool is_https_url(std::string_view text) {
  if (!text.starts_with("https://")) return false;
  const auto authority = text.substr(8, text.find_first_of("/?#", 8) - 8);
  if (authority.empty() || authority.contains('@')) return false;
  return std::ranges::none_of(text,
                              [](char c) { return c == ' ' || c == '\\' || static_cast<unsigned char>(c) >= 0x7f; });
}

inline constexpr TextRule kUrlRule{"a URL https://HOST/..., without user or password", 4096, is_https_url};

// "https://HOST[:PORT]" of a URL that is one.
inline std::string_view origin_of(std::string_view url) { return url.substr(0, url.find_first_of("/?#", 8)); }

}  // namespace parapet::config
