// SPDX-License-Identifier: Apache-2.0
// The keys of a configuration with their values, for telling which of them changed: whatever they mean.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace parapet::config {

// A table of an array is told by its name where it has one, else by its number: "source.hotline.url",
// "source.hotline.kind_word.2.word".
struct KeyValue {
  std::string key;
  std::string value;  // as TOML; may be secret, or a name that nobody needs to read
  friend auto operator<=>(const KeyValue&, const KeyValue&) = default;
};

// Ascending.  REQUIRES that the file was read without errors: then its keys are ours
//   errors  invalid_config · limit
Result<std::vector<KeyValue>> list_key_values(std::string_view toml, const std::string& file_name);

}  // namespace parapet::config
