// SPDX-License-Identifier: Apache-2.0
// Watches the edge's counters for the generation it applied, so that time-to-enforce is what the edge did, not what we
// hope.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "base/ids.h"
#include "counters/reader.h"

namespace parapet::lists {

struct Applied {
  Generation generation;
  std::uint64_t applied_realtime_ns;
  double seconds;  // from the source's publication to the last worker
};

// Knows which publications still wait for the edge. thread: one
class Acknowledgements {
 public:
  // `since`: when the source had the change.
  void expect(Generation generation, std::uint64_t since_realtime_ns);
  bool waiting() const noexcept { return !pending_.empty(); }
  // The newest publication that the edge has come to use since the last call. Those it skipped are forgotten.
  std::optional<Applied> take(const counters::Header& edge);

 private:
  struct Pending {
    Generation generation;
    std::uint64_t since_realtime_ns;
  };
  std::deque<Pending> pending_;
};

}  // namespace parapet::lists
