// SPDX-License-Identifier: Apache-2.0
// Counting delays.
#include "metrics/delay_histogram.h"

#include <algorithm>
#include <limits>

namespace parapet::metrics {

void DelayHistogram::observe(double seconds) {
  const std::lock_guard lock(mutex_);
  const auto bound = std::ranges::lower_bound(kDelayBounds, seconds);
  ++buckets_[static_cast<std::size_t>(bound - kDelayBounds.begin())];
  sum_ += seconds;
}

prometheus::ClientMetric::Histogram DelayHistogram::read() const {
  const std::lock_guard lock(mutex_);
  prometheus::ClientMetric::Histogram histogram;
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    cumulative += buckets_[i];
    histogram.bucket.push_back(
        {cumulative, i == kDelayBounds.size() ? std::numeric_limits<double>::infinity() : kDelayBounds[i]});
  }
  histogram.sample_count = cumulative;
  histogram.sample_sum = sum_;
  return histogram;
}

}  // namespace parapet::metrics
