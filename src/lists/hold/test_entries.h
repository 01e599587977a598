// SPDX-License-Identifier: Apache-2.0
// Known answers from files: what a list must stop, and what none may.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "canon/entry.h"
#include "config/guard_options.h"

namespace parapet::lists {

// One URL or bare host a line, comments from '#' on, in a file that only its owner can read: they stand in a list.
//   out     none, where the path is empty
//   errors  not_found · permission · malformed, with the line · limit
Result<std::vector<canon::Entry>> load_test_entries(const std::string& path);

// The first 10,000 names of top_sites.txt; none where it cannot be read (a guard tells that).
std::vector<std::string> load_top_sites(const config::GuardOptions& options);

}  // namespace parapet::lists
