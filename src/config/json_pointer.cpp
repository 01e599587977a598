// SPDX-License-Identifier: Apache-2.0
// Reading JSON Pointers.
#include "config/json_pointer.h"

namespace parapet::config {

bool is_json_pointer(std::string_view text) {
  if (!text.empty() && text.front() != '/') return false;
  for (std::size_t at = text.find('~'); at != std::string_view::npos; at = text.find('~', at + 1)) {
    if (at + 1 == text.size() || (text[at + 1] != '0' && text[at + 1] != '1')) return false;
  }
  return true;
}

std::vector<std::string> pointer_tokens(std::string_view text) {
  std::vector<std::string> tokens;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '/') {
      tokens.emplace_back();
    } else if (text[at] == '~') {
      tokens.back() += text[++at] == '0' ? '~' : '/';
    } else {
      tokens.back() += text[at];
    }
  }
  return tokens;
}

}  // namespace parapet::config
