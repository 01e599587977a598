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
  bool soft_end = false;     // the path's last slash came of a dot segment or an encoded slash: many servers drop it
  bool slashes_ran = false;  // slashes followed each other in the source's path: the lenient reading may be another
  std::string_view path() const noexcept { return {text.data(), path_length}; }
  std::string_view query() const noexcept { return {text.data() + path_length, query_length}; }
};

// How slashes in a path are read.
enum class Slashes : std::uint8_t {
  strict,   // the canonical form: "%2F" and "%5C" stand as they are; ".." takes an empty segment away.  WHATWG URL §4.4
  lenient,  // as most servers do: "%2F" and "%5C" are slashes, and a run of slashes is one before ".." is looked at
};

// Canonicalises "/path?query#fragment" (a request target in origin form, or a URL from its path on).
//   - fragment dropped; an empty path is "/"; '\' is '/'
//   - %XX of a printable character decoded, once, unless it means something there or is one of the set below; other %XX
//     kept with upper-case digits; '%' without two hex digits becomes %25; a byte outside 0x21..0x7e and any of the set
//     " < > ` { } | ^  becomes %XX
//       means something: in a path  / \ ? # %    in a query  & = + ; # %
//   - "." and ".." segments removed (also spelt %2e), then empty segments between slashes
//   - the query: same encoding, order kept; '?' alone dropped
//   cost  one pass, no allocation;  thread: any.  What does not fit into kMaxTarget sets `cut`.
void canonicalise_target(ByteView in, bool in_cut, Target& out, Slashes slashes = Slashes::strict) noexcept;

// Takes a layer of encoding off that servers should not take off, but some do: %XX of '%' and of unreserved characters
// is decoded, so that what it spells can be decoded again; an ASCII character written as %uXXXX or as overlong UTF-8
// becomes its %XX.
//   out     as long as `in` at most
//   length  written
//   false   there is no such layer; nothing was written
bool take_off_encoding(ByteView in, std::array<std::uint8_t, kMaxTarget>& out, std::size_t& length) noexcept;

}  // namespace parapet::canon
