// SPDX-License-Identifier: Apache-2.0
// Which key was probably meant by one that is not known.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace parapet::config {

// Empty where none is near: a third of the letters, at least two, may be wrong.
std::string closest_key(std::string_view key, const std::vector<std::string>& known);

}  // namespace parapet::config
