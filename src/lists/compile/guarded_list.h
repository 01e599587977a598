// SPDX-License-Identifier: Apache-2.0
// A list and what guards saw in it.
#pragma once

#include "lists/compile/digested_list.h"
#include "lists/guard/findings.h"

namespace parapet::lists {

struct GuardedList {
  DigestedList list;
  Findings findings;
};

}  // namespace parapet::lists
