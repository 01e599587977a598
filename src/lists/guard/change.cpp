// SPDX-License-Identifier: Apache-2.0
// Counting what was added and what was removed.
#include "lists/guard/change.h"

#include <tuple>

namespace parapet::lists {
namespace {

using digest::DigestedEntry;

auto order_of(const DigestedEntry& entry) { return std::tuple(entry.digest.low, entry.digest.high, entry.kind); }

// Calls `visit` for each entry of `ours` that `others` has not.
template <typename Visit>
void for_each_missing(std::span<const DigestedEntry> ours, std::span<const DigestedEntry> others, Visit&& visit) {
  auto other = others.begin();
  for (const auto& entry : ours) {
    while (other != others.end() && order_of(*other) < order_of(entry)) ++other;
    if (other == others.end() || order_of(*other) != order_of(entry)) visit(entry);
  }
}

bool is_over(std::uint64_t changed, std::uint64_t in_force, std::uint32_t percent, std::uint32_t small_change) {
  return changed > small_change && changed * 100 > in_force * percent;
}

}  // namespace

void judge_change(std::span<const DigestedEntry> in_force, std::span<const DigestedEntry> offered,
                  const config::ChangeLimits& limits, Findings& findings) {
  Findings growth, shrink;
  for_each_missing(offered, in_force,
                   [&](const auto& entry) { add_finding(growth, GuardRule::growth, EntryId{entry.id}); });
  for_each_missing(in_force, offered,
                   [&](const auto& entry) { add_finding(shrink, GuardRule::shrink, EntryId{entry.id}); });
  const auto keep = [&](Findings& seen) { findings.insert(findings.end(), seen.begin(), seen.end()); };
  if (!growth.empty() && is_over(growth[0].count, in_force.size(), limits.growth_percent, limits.small_change)) {
    keep(growth);
  }
  const bool emptied = offered.empty() && !in_force.empty();
  if (!shrink.empty() &&
      (emptied || is_over(shrink[0].count, in_force.size(), limits.shrink_percent, limits.small_change))) {
    keep(shrink);
  }
}

Change change_between(std::span<const DigestedEntry> before, std::span<const DigestedEntry> after) {
  Change change;
  for_each_missing(after, before, [&](const auto&) { change.adds = true; });
  for_each_missing(before, after, [&](const auto&) { change.removes = true; });
  return change;
}

ChangeCount count_change(std::span<const DigestedEntry> in_force, std::span<const DigestedEntry> offered) {
  ChangeCount change;
  for_each_missing(offered, in_force, [&](const auto&) { ++change.added; });
  for_each_missing(in_force, offered, [&](const auto&) { ++change.removed; });
  change.shared = in_force.size() - change.removed;
  return change;
}

Status judge_size(std::uint64_t offered, std::uint64_t median, const config::ChangeLimits& limits) {
  if (median == 0 || offered <= median + limits.small_change || offered <= median * limits.size_factor) return {};
  return fail(ErrorCode::refused, "it has " + std::to_string(offered) + " entries, over " +
                                      std::to_string(limits.size_factor) + " times the median of 30 days, " +
                                      std::to_string(median) + " (size_factor)");
}

}  // namespace parapet::lists
