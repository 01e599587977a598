// SPDX-License-Identifier: Apache-2.0
// What an HTTP/1.x server finds in all that one client said: plain reading of the whole text, sharing nothing with
// src/.
#pragma once

#include <string_view>
#include <vector>

#include "request.h"

namespace parapet::cases {

// How servers differ. Strict is nginx: it refuses what the others take in one way or another.
struct HttpManners {
  bool lenient = false;            // any method, blanks anywhere, folded lines, several Hosts, no version
  bool bare_cr_ends_line = false;  // of a field; an empty line ends in LF for all
  bool length_wins = false;        // of Content-Length and chunked at once; the strict one refuses both
};

struct HttpReading {
  std::vector<Request> requests;
  std::string_view tunnel;  // what follows a CONNECT
};

HttpReading read_http(std::string_view text, const HttpManners& manners);

}  // namespace parapet::cases
