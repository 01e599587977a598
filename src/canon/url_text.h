// SPDX-License-Identifier: Apache-2.0
// The parts of a URL as a list spells it; the list's road alone (it allocates).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace parapet::canon {

// Where the parts stand in `text`, uncanonicalised.
struct UrlParts {
  std::string_view authority;  // may hold user information and a port
  std::string_view target;     // from '/', '\', '?' or '#' on; may be empty
  bool is_bare = false;        // a name alone: neither a scheme nor slashes before it, and no target
  std::uint16_t default_port = 80;
};

// What browsers take out of a URL before they read it: controls and spaces around it, tabs and line ends in it.
// WHATWG URL §4.4, first steps
std::string strip_url(std::string_view text);

// "http://name/path", "http:\name/path" (any number of slashes of either kind), "//name/path", "name/path", "name".
//   in      stripped; the parts are views of it
//   errors  malformed (a scheme other than http and https, or what may be one); never repeats the text
Result<UrlParts> split_url(std::string_view text);

// %XX of a host taken off, whatever it spells; a '%' that begins none stays and is refused as part of a host.
std::string decode_percent(std::string_view text);

}  // namespace parapet::canon
