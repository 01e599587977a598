// SPDX-License-Identifier: Apache-2.0
// Applying increments by merging lists of one order.
#include "lists/compile/increment.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <tuple>

#include "lists/guard/guard.h"

namespace parapet::lists {
namespace {

using digest::DigestedEntry;
using Entries = std::vector<DigestedEntry>;

auto order_of(const DigestedEntry& entry) { return std::tuple(entry.digest.low, entry.digest.high, entry.kind); }

Entries common_of(const Entries& one, const Entries& other) {
  Entries common;
  std::ranges::set_intersection(one, other, std::back_inserter(common), {}, order_of, order_of);
  return common;
}

Entries without(const Entries& entries, const Entries& taken) {
  Entries rest;
  std::ranges::set_difference(entries, taken, std::back_inserter(rest), {}, order_of, order_of);
  return rest;
}

}  // namespace

Result<DigestedList> apply_increment(const DigestedList& base, const DigestedList& added, const Increment& increment) {
  if (const auto both = common_of(added.entries, increment.removed).size(); both != 0) {
    return fail(ErrorCode::refused, std::to_string(both) + " entries are both added and removed by one increment");
  }
  const auto missing = increment.removed.size() - common_of(increment.removed, base.entries).size();
  if (missing != 0) {
    return fail(ErrorCode::refused, "it removes " + std::to_string(missing) +
                                        " entries that its base has not: the source's base is another than ours");
  }
  DigestedList list = added;
  list.unenforceable += base.unenforceable;
  list.entries.clear();
  // Of an entry that both have, the first list's stays.
  std::ranges::set_union(added.entries, without(base.entries, increment.removed), std::back_inserter(list.entries), {},
                         order_of, order_of);
  if (auto status = guard_list(list.entries.size(), true); !status) return std::unexpected(status.error());
  return list;
}

bool is_made_by(const DigestedList& list, const DigestedList& added, const Increment& increment) {
  const bool has_added = common_of(list.entries, added.entries) == added.entries;
  return has_added && common_of(list.entries, increment.removed).empty();
}

}  // namespace parapet::lists
