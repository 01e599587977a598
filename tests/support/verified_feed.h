// SPDX-License-Identifier: Apache-2.0
// A verified feed from text, through the one gate there is.
#pragma once

#include <cstdlib>
#include <string_view>

#include "base/bytes.h"
#include "lists/verify/verify.h"

namespace parapet::support {

inline lists::VerifiedFeed verified(std::string_view text) {
  lists::RawFeed raw;
  const auto bytes = bytes_of(text);
  raw.bytes.assign(bytes.begin(), bytes.end());
  raw.head.end_is_marked = true;
  auto feed = lists::verify_feed(std::move(raw), {.max_size_bytes = text.size()});
  if (!feed) std::abort();
  return std::move(*feed);
}

}  // namespace parapet::support
