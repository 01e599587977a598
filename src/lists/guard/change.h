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

// How many entries a version adds to another and takes from it.
struct Change {
  std::uint64_t added = 0;
  std::uint64_t removed = 0;
};

// Changes since a list of so many entries, which many small ones add up to.
struct ChangesBefore {
  std::uint64_t entries = 0;
  Change change;
};

// Entries added beyond growth_percent of the list in force, and removed beyond shrink_percent, become findings; a
// change of at most small_change entries never does, but for a list that becomes empty. An entry that has ended counts
// as absent, and one whose end comes earlier than it did as removed.
//   before  what came of small changes before this one: judged together with it
//   in      both in the order of digested lists
//   out     what is added and removed, without what came before
//   cost    one pass over both
Change judge_change(std::span<const digest::DigestedEntry> in_force, std::span<const digest::DigestedEntry> offered,
                    std::uint64_t trusted_now_s, const config::ChangeLimits& limits, Findings& findings,
                    const ChangesBefore* before = nullptr);

// Whether a version adds to the one before it and takes from it, whatever its entries' ends say.
struct ChangeWays {
  bool adds = false;
  bool removes = false;

  ChangeWays& operator|=(const ChangeWays& other) noexcept {
    adds |= other.adds;
    removes |= other.removes;
    return *this;
  }
};

//   in, cost  as above
ChangeWays ways_between(std::span<const digest::DigestedEntry> before, std::span<const digest::DigestedEntry> after);

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
