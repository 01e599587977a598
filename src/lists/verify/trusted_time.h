// SPDX-License-Identifier: Apache-2.0
// The least that the time can be, whatever the clock says: a clock set back revives nothing and stops no new list.
#pragma once

#include <algorithm>

#include "base/clock.h"

namespace parapet::lists {

// This version was made after that: 2026-11-01.
inline constexpr Nanoseconds kReleaseRealtimeNs = 1'793'491'200 * kNanosecondsPerSecond;

//   last_signed_realtime_ns  the newest time that any accepted signature gave; 0: none
constexpr Nanoseconds trusted_now(Nanoseconds clock_realtime_ns, Nanoseconds last_signed_realtime_ns) noexcept {
  return std::max({clock_realtime_ns, last_signed_realtime_ns, kReleaseRealtimeNs});
}

}  // namespace parapet::lists
