// SPDX-License-Identifier: Apache-2.0
// How many keys may be tried on Initials in a second: a bucket that fills at that rate and holds one second.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/clock.h"

namespace parapet::packet {

//   thread  one
class QuicBudget {
 public:
  explicit QuicBudget(std::uint32_t tries_per_s) noexcept : per_s_(tries_per_s), left_(tries_per_s) {}

  void refill(Nanoseconds now) noexcept {
    const Nanoseconds passed = std::min(now - refilled_at_, kNanosecondsPerSecond);
    const std::uint64_t gained = passed * per_s_ / kNanosecondsPerSecond;
    if (gained == 0) return;
    left_ = std::min<std::uint64_t>(left_ + gained, per_s_);
    refilled_at_ = now;
  }
  void spend(std::uint32_t tries) noexcept { left_ -= std::min<std::uint64_t>(left_, tries); }

  bool empty() const noexcept { return left_ == 0; }
  // Then it is kept for datagrams that a server must look at.
  bool is_low() const noexcept { return left_ < per_s_ / 2; }
  // What one subscriber may spend of a second.
  std::uint32_t most_of_one() const noexcept { return per_s_ / 4; }

 private:
  std::uint32_t per_s_;
  std::uint64_t left_;
  Nanoseconds refilled_at_ = 0;
};

}  // namespace parapet::packet
