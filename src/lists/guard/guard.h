// SPDX-License-Identifier: Apache-2.0
// What no list may do, however well signed: a guard refuses the whole list and never drops entries silently.
#pragma once

#include <cstddef>

#include "base/result.h"
#include "canon/entry.h"

namespace parapet::lists {

inline constexpr std::size_t kMaxEntries = 10'000'000;  // of one list

// One entry alone: a host or domain entry has at least two labels (a whole top-level domain is never a thing to stop)
// and is no IP address (an address is never a verdict).
//   errors  refused; the reason never repeats the entry
Status guard_entry(const canon::Entry& entry);

// The whole list: an empty one is refused unless its source signed it or the operator expects it, because a hotline
// that has nothing to say is far less likely than one that is broken.
//   errors  refused · limit
Status guard_list(std::size_t entry_count, bool may_be_empty);

}  // namespace parapet::lists
