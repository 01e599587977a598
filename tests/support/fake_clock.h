// SPDX-License-Identifier: Apache-2.0
// Time that a test sets.
#pragma once

#include "base/clock.h"

namespace parapet::support {

class FakeClock final : public Clock {
 public:
  Nanoseconds monotonic_ns() const override { return now_ns; }
  Nanoseconds realtime_ns() const override { return 1'790'000'000 * kNanosecondsPerSecond + now_ns; }
  Nanoseconds now_ns = kNanosecondsPerSecond;
};

}  // namespace parapet::support
