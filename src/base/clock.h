// SPDX-License-Identifier: Apache-2.0
// Time, handed in where it is needed so that tests can script it.
#pragma once

#include <cstdint>
#include <ctime>

#include "base/boot_id.h"

namespace parapet {

using Nanoseconds = std::uint64_t;
inline constexpr Nanoseconds kNanosecondsPerSecond = 1'000'000'000;

inline Nanoseconds read_clock(clockid_t id) noexcept {
  timespec t{};
  ::clock_gettime(id, &t);
  return static_cast<Nanoseconds>(t.tv_sec) * kNanosecondsPerSecond + static_cast<Nanoseconds>(t.tv_nsec);
}

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Nanoseconds monotonic_ns() const = 0;  // for intervals
  virtual Nanoseconds realtime_ns() const = 0;   // since 1970-01-01 UTC, for people
  virtual Nanoseconds boottime_ns() const = 0;   // since this boot began, asleep or not; nobody can set it
  virtual BootId boot_id() const = 0;            // zeros: not known
};

class SystemClock final : public Clock {
 public:
  Nanoseconds monotonic_ns() const override { return read_clock(CLOCK_MONOTONIC); }
  Nanoseconds realtime_ns() const override { return read_clock(CLOCK_REALTIME); }
  Nanoseconds boottime_ns() const override { return read_clock(CLOCK_BOOTTIME); }
  BootId boot_id() const override { return read_boot_id(); }
};

}  // namespace parapet
