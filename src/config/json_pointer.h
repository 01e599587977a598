// SPDX-License-Identifier: Apache-2.0
// JSON Pointers, by which the configuration tells where things stand in a list.  RFC 6901
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace parapet::config {

// "" (the whole) or "/key/key...", with "~0" for '~' and "~1" for '/' in a key.
bool is_json_pointer(std::string_view text);

// The keys, unescaped.  REQUIRES is_json_pointer(text)
std::vector<std::string> pointer_tokens(std::string_view text);

}  // namespace parapet::config
