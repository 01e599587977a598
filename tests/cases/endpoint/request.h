// SPDX-License-Identifier: Apache-2.0
// What an application was asked for, and when two such things are the same.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace parapet::cases {

struct Request {
  std::string host;    // as on the wire
  std::string target;  // HTTP alone
};

// A host as servers compare it: small letters, without port, blanks and a closing dot.
std::string plain_host(std::string_view host);

// The paths a server may look for where it is asked for `target`: percent-encoding taken off once, and twice, dot
// segments followed, without query and fragment.
std::vector<std::string> plain_paths(std::string_view target);

}  // namespace parapet::cases
