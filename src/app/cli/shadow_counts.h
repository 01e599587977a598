// SPDX-License-Identifier: Apache-2.0
// How many requests lists in shadow would have stopped, as parapetd's status tells it.
#pragma once

#include <nlohmann/json.hpp>
#include <ostream>

namespace parapet::cli {

// A table of those of the sources that are in shadow; nothing where none is.
void print_shadow_counts(const nlohmann::json& sources, std::ostream& out);

}  // namespace parapet::cli
