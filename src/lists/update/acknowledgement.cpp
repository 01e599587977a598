// SPDX-License-Identifier: Apache-2.0
// Matching publications with what the edge applied.
#include "lists/update/acknowledgement.h"

namespace parapet::lists {
namespace {

constexpr std::size_t kMaxPending = 64;  // an edge that is away is not waited for without end

}  // namespace

void Acknowledgements::expect(Generation generation, std::uint64_t since_realtime_ns) {
  pending_.push_back({generation, since_realtime_ns});
  if (pending_.size() > kMaxPending) pending_.pop_front();
}

std::optional<Applied> Acknowledgements::take(const counters::Header& edge) {
  const Generation applied = counters::get(edge.applied_generation);
  std::optional<Applied> newest;
  while (!pending_.empty() && pending_.front().generation <= applied) {
    const Pending& pending = pending_.front();
    if (pending.generation == applied) {
      const std::uint64_t at = counters::get(edge.applied_realtime_ns);
      const std::uint64_t taken_ns = at > pending.since_realtime_ns ? at - pending.since_realtime_ns : 0;
      newest = Applied{applied, at, static_cast<double>(taken_ns) / 1e9};
    }
    pending_.pop_front();
  }
  return newest;
}

}  // namespace parapet::lists
