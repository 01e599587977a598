// SPDX-License-Identifier: Apache-2.0
// Time, handed in where it is needed so that tests can script it.
#pragma once

#include <cstdint>
#include <ctime>

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
};

class SystemClock final : public Clock {
 public:
  Nanoseconds monotonic_ns() const override { return read_clock(CLOCK_MONOTONIC); }
  Nanoseconds realtime_ns() const override { return read_clock(CLOCK_REALTIME); }
};

}  // namespace parapet
