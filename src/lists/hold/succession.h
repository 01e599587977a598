// SPDX-License-Identifier: Apache-2.0
// How a numbered document follows what is held of its source: an increment applies to exactly the version that it
// names.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "lists/compile/guarded_list.h"
#include "lists/hold/held_list.h"

namespace parapet::lists {

enum class Follows : std::uint8_t {
  whole,   // it is the whole list, with a number that is not behind
  fits,    // an increment, and its base is here
  repeat,  // an increment to the version that is the newest here
  old,     // behind the newest version here
  gap,     // an increment whose base is not here
};

struct Succession {
  Follows follows = Follows::whole;
  const DigestedList* base = nullptr;  // fits: what it applies to; repeat: what it made
  bool base_is_held = false;
  std::uint64_t base_number = 0;  // of the base in the archive
};

//   in_force, held  the last good list and what waits beside it, or null; must outlive the answer
Succession find_succession(const GuardedList& read, const DigestedList* in_force, const HeldList* held);

// What is wrong with old ones, gaps, and with numbers that come again with something else.
//   errors  refused
Status check_succession(const Succession& succession, const GuardedList& read, const DigestedList* in_force,
                        const HeldList* held);

}  // namespace parapet::lists
