// SPDX-License-Identifier: Apache-2.0
// From the digested lists of all sources to one snapshot.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "config/control_options.h"
#include "digest/key.h"
#include "lists/compile/digested_list.h"
#include "snapshot/builder.h"

namespace parapet::lists {

struct CompileInput {
  config::SourceState state;
  std::shared_ptr<const DigestedList> list;
  std::vector<EntryId> lifted;   // of the list's entries: left out of the snapshot; ascending
  std::vector<EntryId> allowed;  // released by people against the guards; ascending
};

// Same lists, generation and time give the same bytes.
//   errors  limit
Result<snapshot::SnapshotBytes> compile_snapshot(std::span<const CompileInput> lists, const digest::Key& key,
                                                 Generation generation, std::uint64_t created_realtime_ns);

}  // namespace parapet::lists
