// SPDX-License-Identifier: Apache-2.0
// Counting what was added and what was removed.
#include "lists/guard/change.h"

#include <algorithm>
#include <tuple>

namespace parapet::lists {
namespace {

using digest::DigestedEntry;

auto order_of(const DigestedEntry& entry) { return std::tuple(entry.digest.low, entry.digest.high, entry.kind); }

constexpr std::uint64_t kNever = std::uint64_t{1} << 32;

std::uint64_t end_of(const DigestedEntry& entry) { return entry.ends_s == 0 ? kNever : entry.ends_s; }

std::uint64_t whatever_end(const DigestedEntry&) { return 0; }

// Calls `visit` for each entry of `ours` for which `others` has none, or one that ends before `wanted_end(entry)`.
template <typename WantedEnd, typename Visit>
void for_each_missing(std::span<const DigestedEntry> ours, std::span<const DigestedEntry> others,
                      WantedEnd&& wanted_end, Visit&& visit) {
  auto other = others.begin();
  for (const auto& entry : ours) {
    while (other != others.end() && order_of(*other) < order_of(entry)) ++other;
    const bool is_there = other != others.end() && order_of(*other) == order_of(entry);
    if (!is_there || end_of(*other) < wanted_end(entry)) visit(entry);
  }
}

bool is_over(std::uint64_t changed, std::uint64_t in_force, std::uint32_t percent, std::uint32_t small_change) {
  return changed > small_change && changed * 100 > in_force * percent;
}

}  // namespace

Change judge_change(std::span<const DigestedEntry> in_force, std::span<const DigestedEntry> offered,
                    std::uint64_t trusted_now_s, const config::ChangeLimits& limits, Findings& findings,
                    const ChangesBefore* before) {
  const auto stands = [&](const DigestedEntry& entry) { return end_of(entry) > trusted_now_s; };
  const auto count_into = [&](Findings& seen, GuardRule rule) {
    return [&seen, &stands, rule](const DigestedEntry& entry) {
      if (stands(entry)) add_finding(seen, rule, EntryId{entry.id});
    };
  };
  Findings growth, shrink;
  for_each_missing(
      offered, in_force, [&](const DigestedEntry&) { return trusted_now_s + 1; },
      count_into(growth, GuardRule::growth));
  for_each_missing(in_force, offered, end_of, count_into(shrink, GuardRule::shrink));
  const Change change{growth.empty() ? 0 : growth[0].count, shrink.empty() ? 0 : shrink[0].count};
  const auto standing = static_cast<std::uint64_t>(std::ranges::count_if(in_force, stands));
  const ChangesBefore sum = before != nullptr ? *before : ChangesBefore{standing, {}};
  const auto keep = [&](Findings& seen, std::uint64_t count_before) {
    seen[0].count += count_before;
    if (count_before > 0) seen[0].note = "together with increments before";
    findings.insert(findings.end(), seen.begin(), seen.end());
  };
  const auto is_too_much = [&](std::uint64_t now, std::uint64_t earlier, std::uint32_t percent) {
    return now > 0 && is_over(now + earlier, sum.entries, percent, limits.small_change);
  };
  if (is_too_much(change.added, sum.change.added, limits.growth_percent)) keep(growth, sum.change.added);
  const bool emptied = change.removed > 0 && std::ranges::none_of(offered, stands);
  if (emptied || is_too_much(change.removed, sum.change.removed, limits.shrink_percent)) {
    keep(shrink, sum.change.removed);
  }
  return change;
}

ChangeWays ways_between(std::span<const DigestedEntry> before, std::span<const DigestedEntry> after) {
  ChangeWays ways;
  for_each_missing(after, before, whatever_end, [&](const DigestedEntry&) { ways.adds = true; });
  for_each_missing(before, after, whatever_end, [&](const DigestedEntry&) { ways.removes = true; });
  return ways;
}

ChangeCount count_change(std::span<const DigestedEntry> in_force, std::span<const DigestedEntry> offered) {
  ChangeCount change;
  for_each_missing(offered, in_force, whatever_end, [&](const DigestedEntry&) { ++change.added; });
  for_each_missing(in_force, offered, whatever_end, [&](const DigestedEntry&) { ++change.removed; });
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
