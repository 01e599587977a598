// SPDX-License-Identifier: Apache-2.0
// What changes between two versions of a list, where its source sends that instead of the whole list.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "digest/entry.h"
#include "lists/compile/digested_list.h"

namespace parapet::lists {

// What an increment takes back, beside the list of what it adds.
struct Increment {
  std::uint64_t base = 0;                      // the source's number of the version that it changes
  std::vector<digest::DigestedEntry> removed;  // in the order of digested lists
};

// The base without what is removed, with what is added; an entry that is added to a base that has it gets the end that
// the addition says. Everything but entries and unenforceable rules, which add up, is as `added` says.
//   REQUIRES  base is the version that the increment names
//   errors    refused: a removal of what the base has not, an entry that is both removed and added · limit
//   cost      one pass
Result<DigestedList> apply_increment(const DigestedList& base, const DigestedList& added, const Increment& increment);

// Whether the list is what this increment makes of its base: it has all that is added, with these ends, and nothing
// that is removed.
bool is_made_by(const DigestedList& list, const DigestedList& added, const Increment& increment);

}  // namespace parapet::lists
