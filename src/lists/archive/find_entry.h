// SPDX-License-Identifier: Apache-2.0
// What an entry id of an archived version stands for, in clear.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "lists/archive/archive_key.h"
#include "lists/archive/sealed_head.h"

namespace parapet::lists {

struct ArchivedEntry {
  std::string canonical_text;  // wipe it after use
  std::uint64_t line = 0;      // of the feed, or the item's number
};

// Opens the file chunk by chunk, to its end whatever it finds, and returns the first entry of that id.
//   version  what the file must be
//   errors   as open_sealed_head and walk_sealed_stream · not_found
//   cost     one pass, two chunks of memory, overwritten afterwards
//   thread   any
Result<ArchivedEntry> find_entry(ByteView file, const ArchivedVersion& version, const ArchiveKeys& keys, EntryId id);

struct EntryLine {
  EntryId id{};
  std::uint64_t line = 0;
};

// In which lines of the feed these entries stood, without their text; those that are not there are left out.
//   ids                   ascending
//   errors, cost, thread  as find_entry, not_found apart
Result<std::vector<EntryLine>> find_lines(ByteView file, const ArchivedVersion& version, const ArchiveKeys& keys,
                                          std::span<const EntryId> ids);

}  // namespace parapet::lists
