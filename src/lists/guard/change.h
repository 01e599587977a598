// SPDX-License-Identifier: Apache-2.0
// How far a version of a list is from the one in force.
#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"
#include "config/guard_options.h"
#include "digest/entry.h"
#include "lists/guard/findings.h"

namespace parapet::lists {

// Entries added beyond growth_percent of the list in force, and removed beyond shrink_percent, become findings; a
// change of at most small_change entries never does, but for a list that becomes empty. An entry that has ended counts
// as absent, and one whose end comes earlier than it did as removed.
//   in      both in the order of digested lists
//   cost    one pass over both
void judge_change(std::span<const digest::DigestedEntry> in_force, std::span<const digest::DigestedEntry> offered,
                  std::uint64_t trusted_now_s, const config::ChangeLimits& limits, Findings& findings);

// Refuses what is larger than size_factor times the median of the sizes before.
//   median  0: no list was accepted before
//   errors  refused
Status judge_size(std::uint64_t offered, std::uint64_t median, const config::ChangeLimits& limits);

}  // namespace parapet::lists
