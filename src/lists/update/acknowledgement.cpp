// SPDX-License-Identifier: Apache-2.0
// Matching publications with what the edge applied.
#include "lists/update/acknowledgement.h"

namespace parapet::lists {
namespace {

constexpr std::size_t kMaxPending = 64;  // an edge that is away is not waited for without end

void keep_earlier(std::optional<std::uint64_t>& ours, const std::optional<std::uint64_t>& other) noexcept {
  if (other && (!ours || *other < *ours)) ours = other;
}

std::optional<double> seconds_between(const std::optional<std::uint64_t>& since_ns, std::uint64_t at_ns) noexcept {
  if (!since_ns) return std::nullopt;
  return at_ns > *since_ns ? static_cast<double>(at_ns - *since_ns) / 1e9 : 0;
}

}  // namespace

void ChangeTimes::join(const ChangeTimes& other) noexcept {
  keep_earlier(added_realtime_ns, other.added_realtime_ns);
  keep_earlier(removed_realtime_ns, other.removed_realtime_ns);
}

void Acknowledgements::expect(Generation generation, const ChangeTimes& times) {
  pending_.push_back({generation, times});
  if (pending_.size() > kMaxPending) pending_.pop_front();
}

std::optional<Applied> Acknowledgements::take(const counters::Header& edge) {
  const Generation applied = counters::get(edge.applied_generation);
  std::optional<Applied> newest;
  ChangeTimes brought;
  while (!pending_.empty() && pending_.front().generation <= applied) {
    const Pending& pending = pending_.front();
    brought.join(pending.times);
    if (pending.generation == applied) {
      const std::uint64_t at = counters::get(edge.applied_realtime_ns);
      newest = Applied{applied, at, seconds_between(brought.added_realtime_ns, at),
                       seconds_between(brought.removed_realtime_ns, at)};
    }
    pending_.pop_front();
  }
  return newest;
}

}  // namespace parapet::lists
