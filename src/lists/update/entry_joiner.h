// SPDX-License-Identifier: Apache-2.0
// The sealed entries of a whole list from those of its base and of an increment, by the joining child.
#pragma once

#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "lists/archive/archive.h"
#include "lists/update/entries_memory.h"
#include "lists/update/stop_signal.h"

namespace parapet::lists {

struct JoinRequest {
  const Archive* archive = nullptr;
  ArchivedVersion base;
  const EntriesMemory* added = nullptr;  // sealed
  std::vector<EntryId> left_out;         // of the base: removed, or added anew; ascending
  std::uint64_t deadline_ms = 0;
};

// parapetd hands the streams on and opens none of them.
//   errors  those of Archive::load and of the child · timeout · limit · unavailable (it died, or we stop) · io
//   thread  any
Result<EntriesMemory> join_entries(const std::string& program, const JoinRequest& request, const StopSignal& stop);

}  // namespace parapet::lists
