// SPDX-License-Identifier: Apache-2.0
// The steps of a case as they are written, one a line (tests/cases/README.md has them all).
//
//   client 0..name+3
//   client name+3..end bytes=other checksum=bad   # a decoy
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parapet::cases {

struct Step {
  std::string verb;
  std::string from, to;                        // markers; empty where the step has no range
  std::map<std::string, std::string> options;  // an option without '=' has the value ""
  std::size_t line = 0;

  bool has(const std::string& option) const { return options.contains(option); }
  std::string text(const std::string& option, const std::string& fallback = {}) const {
    const auto found = options.find(option);
    return found == options.end() ? fallback : found->second;
  }
  // Decimal or 0x; signs are allowed.
  long number(const std::string& option, long fallback = 0) const;
};

// Throws std::invalid_argument: an unknown verb or option, by its line.
std::vector<Step> parse_script(std::string_view text);

}  // namespace parapet::cases
