// SPDX-License-Identifier: Apache-2.0
// Compiling.
#include "lists/compile/compile.h"

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

}  // namespace

Result<snapshot::SnapshotBytes> compile_snapshot(std::span<const CompileInput> lists, const digest::Key& key,
                                                 Generation generation, std::uint64_t created_realtime_ns) {
  std::vector<snapshot::ListInput> inputs;
  for (const auto& input : lists) {
    inputs.push_back({input.list->name, to_snapshot(input.state), input.list->entries});
  }
  return snapshot::build_snapshot(inputs, key, generation, created_realtime_ns);
}

}  // namespace parapet::lists
