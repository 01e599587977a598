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
// change of at most small_change entries never does, but for a list that becomes empty.
//   in      both in the order of digested lists
//   cost    one pass over both
void judge_change(std::span<const digest::DigestedEntry> in_force, std::span<const digest::DigestedEntry> offered,
                  const config::ChangeLimits& limits, Findings& findings);

// Which ways a version goes from the one before it.
struct Change {
  bool adds = false;
  bool removes = false;

  Change& operator|=(const Change& other) noexcept {
    adds |= other.adds;
    removes |= other.removes;
    return *this;
  }
};

//   in, cost  as above
Change change_between(std::span<const digest::DigestedEntry> before, std::span<const digest::DigestedEntry> after);

// How two lists differ, by number.
struct ChangeCount {
  std::uint64_t added = 0;
  std::uint64_t removed = 0;
  std::uint64_t shared = 0;
};
//   in, cost  as judge_change
ChangeCount count_change(std::span<const digest::DigestedEntry> in_force,
                         std::span<const digest::DigestedEntry> offered);

// Refuses what is larger than size_factor times the median of the sizes before.
//   median  0: no list was accepted before
//   errors  refused
Status judge_size(std::uint64_t offered, std::uint64_t median, const config::ChangeLimits& limits);

}  // namespace parapet::lists
