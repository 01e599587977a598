// SPDX-License-Identifier: Apache-2.0
// Compiling.
#include "lists/compile/compile.h"

#include <algorithm>
#include <list>

namespace parapet::lists {
namespace {

snapshot::ListState to_snapshot(config::SourceState state) {
  switch (state) {
    case config::SourceState::enforce: return snapshot::ListState::enforce;
    case config::SourceState::shadow: return snapshot::ListState::shadow;
    case config::SourceState::off: break;
  }
  return snapshot::ListState::off;
}

bool is_left_out(const digest::DigestedEntry& entry, std::span<const EntryId> lifted, std::uint64_t now_s) {
  return has_ended(entry, now_s) || std::ranges::binary_search(lifted, EntryId{entry.id});
}

std::vector<snapshot::SelectorInput> to_snapshot(const std::vector<config::SelectorOptions>& selectors) {
  std::vector<snapshot::SelectorInput> inputs;
  for (const auto& selector : selectors) inputs.push_back({selector.realms, selector.prefixes});
  return inputs;
}

}  // namespace

std::uint32_t shadow_from_s(const config::StandingOptions& standing, Nanoseconds confirmed_realtime_ns) {
  if (!standing.is_shadow_when_stale) return 0;
  const std::uint32_t step_s = std::max(standing.max_stale_s / 8, 1u);
  const std::uint64_t confirmed_s = snapshot::seconds_of(confirmed_realtime_ns) / step_s * step_s;
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(confirmed_s + standing.max_stale_s, UINT32_MAX));
}

Result<snapshot::SnapshotBytes> compile_snapshot(std::span<const CompileInput> lists, const digest::Key& key,
                                                 Generation generation, const snapshot::Moment& created) {
  std::vector<snapshot::ListInput> inputs;
  std::list<std::vector<digest::DigestedEntry>> shortened;
  const std::uint64_t now_s = snapshot::seconds_of(created.realtime_ns);
  for (const auto& input : lists) {
    std::span<const digest::DigestedEntry> entries = input.list->entries;
    const auto left_out = [&](const auto& entry) { return is_left_out(entry, input.lifted, now_s); };
    if (std::ranges::any_of(entries, left_out)) {
      auto& rest = shortened.emplace_back();
      std::ranges::remove_copy_if(entries, std::back_inserter(rest), left_out);
      entries = rest;
    }
    inputs.push_back({input.list->name, to_snapshot(input.state), entries, input.standing.ends_s, input.shadow_from_s,
                      to_snapshot(input.standing.applies_to), to_snapshot(input.standing.exempt)});
  }
  return snapshot::build_snapshot(inputs, key, generation, created);
}

}  // namespace parapet::lists
