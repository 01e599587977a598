// SPDX-License-Identifier: Apache-2.0
// The time that ends are measured by: counted from the moment at which the snapshot was made, on a clock that nobody
// can set. docs/formats/snapshot.md gives the rule and its reasons.
#pragma once

#include <algorithm>

#include "base/clock.h"

namespace parapet::snapshot {

// A point in time: by the calendar, and on the clock of the boot that it fell into.
struct Moment {
  Nanoseconds realtime_ns = 0;
  Nanoseconds boottime_ns = 0;
  BootId boot{};              // zeros: not known
  bool clock_agreed = false;  // of a snapshot: since some snapshot before or with it, the wall clock was once believed

  static Moment now(const Clock& clock) { return {clock.realtime_ns(), clock.boottime_ns(), clock.boot_id(), false}; }
};

// No box lies switched off for longer than this, so a wall clock that is further ahead is wrong.
inline constexpr Nanoseconds kLongestOffNs = 31 * 86'400 * kNanosecondsPerSecond;

// Clocks are set right by a little all the time; what differs by more is worth telling.
inline constexpr Nanoseconds kClockToleranceNs = 60 * kNanosecondsPerSecond;
constexpr bool nearly_agree(Nanoseconds a, Nanoseconds b) noexcept {
  return (a > b ? a - b : b - a) <= kClockToleranceNs;
}

inline bool is_same_boot(const Moment& a, const Moment& b) noexcept { return a.boot == b.boot && a.boot != BootId{}; }

// The least that the time can be, given that `then` was right: in the same boot exactly that; in a later one the time
// that it has run so far has passed at least.
inline Nanoseconds least_now(const Moment& then, const Moment& here) noexcept {
  if (then.boot == BootId{} || here.boot == BootId{}) return then.realtime_ns;
  if (!is_same_boot(then, here)) return then.realtime_ns + here.boottime_ns;
  return then.realtime_ns + (std::max(here.boottime_ns, then.boottime_ns) - then.boottime_ns);
}

// A wall clock is behind the least that the time can be, or too far ahead of it: not believed.
constexpr bool is_believable(Nanoseconds wall_realtime_ns, Nanoseconds least_realtime_ns) noexcept {
  return wall_realtime_ns >= least_realtime_ns && wall_realtime_ns - least_realtime_ns <= kLongestOffNs;
}

// The reader's: what time it is here, when a snapshot that was made at `created` is taken into use. In the same boot
// the wall clock has no say at all.
inline Nanoseconds time_at_load(const Moment& created, const Moment& here) noexcept {
  const Nanoseconds least = least_now(created, here);
  if (is_same_boot(created, here)) return least;
  return is_believable(here.realtime_ns, least) ? here.realtime_ns : least;
}

// The writer's: the moment that the next snapshot bears.
//   published          of the snapshot that stands; nullptr: there is none
//   floor_realtime_ns  what signatures prove
inline Moment next_moment(const Moment* published, const Moment& here, Nanoseconds floor_realtime_ns) noexcept {
  const Nanoseconds least = std::max(floor_realtime_ns, published != nullptr ? least_now(*published, here) : 0);
  const bool agreed_before = published != nullptr && published->clock_agreed;
  // While no clock was ever believed, there is nothing that a clock could be too far ahead of.
  const bool believed = agreed_before ? is_believable(here.realtime_ns, least) : here.realtime_ns >= floor_realtime_ns;
  Moment next = here;
  next.realtime_ns = believed ? std::max(here.realtime_ns, least) : least;
  next.clock_agreed = believed || agreed_before;
  return next;
}

// Ends are told in seconds since 1970; the last one that fits means "long after" (2106).
constexpr std::uint32_t seconds_of(Nanoseconds realtime_ns) noexcept {
  return static_cast<std::uint32_t>(std::min<Nanoseconds>(realtime_ns / kNanosecondsPerSecond, UINT32_MAX));
}

}  // namespace parapet::snapshot
