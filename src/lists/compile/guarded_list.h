// SPDX-License-Identifier: Apache-2.0
// A list and what guards saw in it.
#pragma once

#include <optional>

#include "lists/compile/digested_list.h"
#include "lists/compile/increment.h"
#include "lists/guard/findings.h"

namespace parapet::lists {

struct GuardedList {
  DigestedList list;
  Findings findings;
  std::optional<Increment> increment{};  // then the list is what it adds
};

}  // namespace parapet::lists
