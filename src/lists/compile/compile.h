// SPDX-License-Identifier: Apache-2.0
// From the digested lists of all sources to one snapshot.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/clock.h"
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
  config::StandingOptions standing{};
  std::uint32_t shadow_from_s = 0;  // shadow_from_s() of it
};

// When a list that somebody confirmed at that time becomes shadow; 0: never. It is told in steps of an eighth of
// max_stale_s, so that not every answer of a source makes another snapshot.
std::uint32_t shadow_from_s(const config::StandingOptions& standing, Nanoseconds confirmed_realtime_ns);

// Same lists, generation and moment give the same bytes. Entries that have ended at that moment are left out.
//   errors  limit
Result<snapshot::SnapshotBytes> compile_snapshot(std::span<const CompileInput> lists, const digest::Key& key,
                                                 Generation generation, const snapshot::Moment& created);

}  // namespace parapet::lists
