// SPDX-License-Identifier: Apache-2.0
// Whether a pool is, or lately was, nearly empty. What a flood left behind is cleared away to its end, not only until a
// few places are free.
#pragma once

#include "base/clock.h"
#include "packet/flow/stream_key.h"

namespace parapet::packet {

//   thread  one
class Shortage {
 public:
  // Once a burst. `free` of `all` places are free.
  void note(std::size_t free, std::size_t all, Tick now) noexcept {
    if (free >= all / kShortShare) return;
    was_short_ = true;
    noted_at_ = now;
  }
  bool is_felt(Tick now) const noexcept { return was_short_ && ticks_since(noted_at_, now) < kFeltTicks; }

 private:
  static constexpr std::size_t kShortShare = 8;
  static constexpr Tick kFeltTicks = tick_of(5 * kNanosecondsPerSecond);

  bool was_short_ = false;
  Tick noted_at_ = 0;
};

}  // namespace parapet::packet
