// SPDX-License-Identifier: Apache-2.0
// Puts compiled snapshots where the edge finds them: the old one or the new one, at any moment.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "digest/key.h"
#include "lists/compile/compile.h"
#include "snapshot/snapshot.h"

namespace parapet::lists {

// The snapshot file as it stands.
struct PublishedSnapshot {
  Generation generation;
  snapshot::Moment created;
  std::vector<std::string> list_names;
  std::vector<std::uint32_t> shadow_from_s;  // of each of them
};

struct Publication {
  Generation generation;
  std::uint64_t created_realtime_ns;
  std::uint64_t size_bytes;
  std::uint64_t entry_count;
  bool changed;         // false: the file already says so; nothing was written
  bool clock_believed;  // false: the wall clock is behind or far ahead of what the time can be (trusted_time.h)
};

// thread: callers take turns.  Key and clock must outlive it.
class Publisher {
 public:
  Publisher(std::string snapshot_file, std::string generation_file, const digest::Key& key, const Clock& clock)
      : snapshot_file_(std::move(snapshot_file)),
        generation_file_(std::move(generation_file)),
        key_(&key),
        clock_(&clock) {}

  //   errors  not_found · malformed · integrity (made with another key, or damaged) · io
  Result<PublishedSnapshot> published() const;

  // Compiles, checks and publishes, also where the wall clock has moved ahead of the time that readers count from what
  // stands there. Generations grow strictly, over restarts and over lost files: above the snapshot's, the stored one
  // and `floor` (what the edge last applied).
  //   check   sees the compiled snapshot before anybody else does; what it refuses is not published
  //   errors  limit · io · permission · those of check; the published snapshot is then untouched
  using Check = std::function<Status(const snapshot::Snapshot&)>;
  Result<Publication> publish(std::span<const CompileInput> lists, Generation floor, const Check& check = nullptr);
  // Whether it has, since this publisher last looked: by more than a minute, and believably.
  bool clock_has_moved() const;

 private:
  static Nanoseconds floor_of(std::span<const CompileInput> lists);
  bool stands_already(std::span<const CompileInput> lists, const PublishedSnapshot& published) const;
  Generation stored_generation() const;

  std::string snapshot_file_;
  std::string generation_file_;
  const digest::Key* key_;
  const Clock* clock_;
  std::optional<snapshot::Moment> last_created_;  // of the snapshot that this publisher last saw or made
  Nanoseconds floor_realtime_ns_ = 0;             // that signatures gave it
};

}  // namespace parapet::lists
