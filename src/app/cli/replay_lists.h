// SPDX-License-Identifier: Apache-2.0
// List files compiled in memory under a key of this run alone, and the way back from a request to entry ids.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/cli/list_reading.h"
#include "base/bytes.h"
#include "base/result.h"
#include "counters/names.h"
#include "digest/key.h"
#include "digest/siphash.h"
#include "lists/compile/digested_list.h"
#include "snapshot/builder.h"
#include "snapshot/snapshot.h"

namespace parapet::cli {

// One request as the capture had it.
struct AskedFor {
  Protocol protocol;
  ByteView host;    // HTTP: with port
  ByteView target;  // HTTP alone
};

class ReplayLists {
 public:
  // A file whose name ends in .csv is read as csv (first row: columns, one of them "value"; "kind" and "ends"
  // may be others), any other as plain. What has ended when a frame was captured stops nothing in it. No files: a
  // snapshot that holds nothing.
  //   errors  those of reading, with the file's name; never the text of an entry
  static Result<ReplayLists> load(const std::vector<std::string>& files, const ListReading& reading);

  const digest::Key& key() const noexcept { return key_.key(); }
  const snapshot::Snapshot& snapshot() const noexcept { return *snapshot_; }
  std::size_t entry_count() const noexcept;

  // Ids of the entries that hold the request, each as 16 hexadecimal digits, ascending.
  //   matched  what the packet path found; where the text alone tells no entry, the digests do
  std::vector<std::string> entries_of(const AskedFor& asked, std::span<const digest::Digest> matched) const;

 private:
  ReplayLists(digest::StoredKey key, snapshot::SnapshotBytes bytes) : key_(std::move(key)), bytes_(std::move(bytes)) {}

  digest::StoredKey key_;
  snapshot::SnapshotBytes bytes_;
  std::optional<snapshot::Snapshot> snapshot_;  // over bytes_, whose place in memory does not change
  std::vector<std::shared_ptr<const lists::DigestedList>> lists_;
};

}  // namespace parapet::cli
