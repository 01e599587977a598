// SPDX-License-Identifier: Apache-2.0
// One canonical path and query for both roads (docs/formats/canonical.md).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"

namespace parapet::canon {

inline constexpr std::size_t kMaxTarget = 4096;  // canonical path and query together, in bytes

// A canonical path and query. Percent-encoding may make it up to three times as long as its source.
struct Target {
  std::array<char, kMaxTarget> text;
  std::uint16_t path_length = 0;   // begins with '/'
  std::uint16_t query_length = 0;  // without '?'
  bool has_query = false;          // an empty query counts as none
  bool cut = false;                // the source ran on: path holds whole segments only, no query
  std::string_view path() const noexcept { return {text.data(), path_length}; }
  std::string_view query() const noexcept { return {text.data() + path_length, query_length}; }
};

// Canonicalises "/path?query#fragment" (a request target in origin form, or a URL from its path on).
//   - fragment dropped; an empty path is "/"; '\' is '/'
//   - %XX of an unreserved character decoded, once; other %XX kept with upper-case digits; '%' without two hex digits
//     becomes %25; a byte outside 0x21..0x7e and any of  " < > ` { } | ^  becomes %XX
//   - "." and ".." segments removed (also spelt %2e), empty segments between slashes removed
//   - the query: same encoding, order kept; '?' alone dropped
//   cost  one pass, no allocation;  thread: any.  What does not fit into kMaxTarget sets `cut`.
void canonicalise_target(ByteView in, bool in_cut, Target& out) noexcept;

}  // namespace parapet::canon
