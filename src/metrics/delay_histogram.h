// SPDX-License-Identifier: Apache-2.0
// A histogram of delays between a decision and the last worker that follows it.
#pragma once

#include <prometheus/client_metric.h>
#include <array>
#include <cstdint>
#include <mutex>

namespace parapet::metrics {

inline constexpr std::array kDelayBounds{0.1, 0.25, 0.5,  0.75, 1.0,   2.0,
                                         5.0, 10.0, 30.0, 60.0, 300.0, 3600.0};  // seconds

// thread: any
class DelayHistogram {
 public:
  void observe(double seconds);
  prometheus::ClientMetric::Histogram read() const;

 private:
  mutable std::mutex mutex_;
  std::array<std::uint64_t, kDelayBounds.size() + 1> buckets_{};
  double sum_ = 0;
};

}  // namespace parapet::metrics
