// SPDX-License-Identifier: Apache-2.0
// How many entries a list had in the last 30 days, over restarts.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace parapet::lists {

// One line a version, "UNIX_SECONDS ENTRIES", in the file.  thread: callers take turns
class SizeHistory {
 public:
  // A file that is missing or cannot be read is an empty history.
  explicit SizeHistory(std::string path);

  // 0: nothing is known.
  std::uint64_t median(Nanoseconds now_realtime_ns) const;
  Status add(std::uint64_t entries, Nanoseconds now_realtime_ns);

 private:
  struct Record {
    std::uint64_t realtime_s;
    std::uint64_t entries;
  };
  std::string path_;
  std::vector<Record> records_;  // in the order of time
};

}  // namespace parapet::lists
