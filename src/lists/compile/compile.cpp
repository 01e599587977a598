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

std::vector<digest::DigestedEntry> without(std::span<const digest::DigestedEntry> entries,
                                           std::span<const EntryId> lifted) {
  std::vector<digest::DigestedEntry> rest;
  std::ranges::copy_if(entries, std::back_inserter(rest),
                       [&](const auto& entry) { return !std::ranges::binary_search(lifted, EntryId{entry.id}); });
  return rest;
}

}  // namespace

Result<snapshot::SnapshotBytes> compile_snapshot(std::span<const CompileInput> lists, const digest::Key& key,
                                                 Generation generation, std::uint64_t created_realtime_ns) {
  std::vector<snapshot::ListInput> inputs;
  std::list<std::vector<digest::DigestedEntry>> shortened;
  for (const auto& input : lists) {
    std::span<const digest::DigestedEntry> entries = input.list->entries;
    if (!input.lifted.empty()) entries = shortened.emplace_back(without(entries, input.lifted));
    inputs.push_back({input.list->name, to_snapshot(input.state), entries});
  }
  return snapshot::build_snapshot(inputs, key, generation, created_realtime_ns);
}

}  // namespace parapet::lists
