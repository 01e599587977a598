// SPDX-License-Identifier: Apache-2.0
// Watches the edge's counters for the generation it applied, so that time-to-enforce and time-to-release are what the
// edge did, not what we hope.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "base/ids.h"
#include "counters/reader.h"

namespace parapet::lists {

// When what a publication brings was decided: at its source, or by people. Nothing: it brings none of the sort.
struct ChangeTimes {
  std::optional<std::uint64_t> added_realtime_ns;
  std::optional<std::uint64_t> removed_realtime_ns;

  // Both together: the earlier time of each sort.
  void join(const ChangeTimes& other) noexcept;
};

struct Applied {
  Generation generation;
  std::uint64_t applied_realtime_ns;
  std::optional<double> enforce_s;  // from the first addition in it to the last worker
  std::optional<double> release_s;  // from the first removal in it
};

// Knows which publications still wait for the edge. thread: one
class Acknowledgements {
 public:
  void expect(Generation generation, const ChangeTimes& times);
  bool waiting() const noexcept { return !pending_.empty(); }
  // The newest publication that the edge has come to use since the last call; what those it skipped brought came with
  // it.
  std::optional<Applied> take(const counters::Header& edge);

 private:
  struct Pending {
    Generation generation;
    ChangeTimes times;
  };
  std::deque<Pending> pending_;
};

}  // namespace parapet::lists
