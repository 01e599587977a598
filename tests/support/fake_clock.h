// SPDX-License-Identifier: Apache-2.0
// Time that a test sets.
#pragma once

#include "base/clock.h"

namespace parapet::support {

class FakeClock final : public Clock {
 public:
  static constexpr Nanoseconds kBeginRealtimeNs = 1'790'000'000 * kNanosecondsPerSecond;

  Nanoseconds monotonic_ns() const override { return now_ns; }
  Nanoseconds realtime_ns() const override { return kBeginRealtimeNs + now_ns + set_ahead_ns; }
  Nanoseconds boottime_ns() const override { return now_ns; }
  BootId boot_id() const override { return boot; }

  // The machine was off for so long; its clock of this boot begins again.
  void reboot(Nanoseconds off_ns) {
    set_ahead_ns += now_ns + off_ns;
    now_ns = kNanosecondsPerSecond;
    ++boot[15];
  }

  Nanoseconds now_ns = kNanosecondsPerSecond;
  Nanoseconds set_ahead_ns = 0;  // how far somebody set the wall clock ahead; modulo 2^64, so that it can be behind
  BootId boot{1};
};

}  // namespace parapet::support
