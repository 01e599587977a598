// SPDX-License-Identifier: Apache-2.0
// A digested list from the text of a plain list.
#pragma once

#include <cstdlib>
#include <string_view>

#include "lists/compile/digest_feed.h"
#include "verified_feed.h"

namespace parapet::support {

inline constexpr digest::Key kListKey{0x0706050403020100, 0x0f0e0d0c0b0a0908};

inline config::SourceOptions source_named(std::string_view name) {
  config::SourceOptions source;
  source.name = name;
  source.url = "https://hotline.example.test/list.txt";
  source.state = config::SourceState::enforce;
  source.legal = {"Example Act", "Example Authority", "appeals@authority.example", "csam", "EX", ""};
  return source;
}

inline lists::DigestedList digested(std::string_view text, const config::SourceOptions& source) {
  auto list = lists::digest_feed(verified(text), source, kListKey);
  if (!list) std::abort();
  return std::move(list->list);
}
inline lists::DigestedList digested(std::string_view text, std::string_view name = "hotline") {
  return digested(text, source_named(name));
}

}  // namespace parapet::support
