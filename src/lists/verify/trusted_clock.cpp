// SPDX-License-Identifier: Apache-2.0
// Counting time on from its start.
#include "lists/verify/trusted_clock.h"

#include <algorithm>
#include <charconv>

#include "base/file.h"
#include "lists/verify/trusted_time.h"

namespace parapet::lists {
namespace {

constexpr Nanoseconds kYear = 366 * 86'400 * kNanosecondsPerSecond;
constexpr Nanoseconds kKeepEvery = 3600 * kNanosecondsPerSecond;

Nanoseconds read_seen(const std::string& path) {
  const auto bytes = read_file(path, 32);
  if (!bytes) return 0;
  const auto text = text_of(*bytes);
  Nanoseconds seen = 0;
  std::from_chars(text.data(), text.data() + text.size(), seen);
  return seen;
}

}  // namespace

TrustedClock::TrustedClock(const Clock& clock, std::string seen_file)
    : clock_(clock), seen_file_(std::move(seen_file)), begun_boottime_ns_(clock.boottime_ns()) {
  const Nanoseconds seen = read_seen(seen_file_);
  const Nanoseconds floor = std::max(seen, kReleaseRealtimeNs);
  const Nanoseconds says = clock.realtime_ns();
  suspect_ = seen != 0 && says > floor + kYear;
  begun_realtime_ns_ = suspect_ ? floor : std::max(says, floor);
}

Nanoseconds TrustedClock::now_realtime_ns() const noexcept {
  return begun_realtime_ns_ + (clock_.boottime_ns() - begun_boottime_ns_);
}

void TrustedClock::raise_to(Nanoseconds signed_realtime_ns) noexcept {
  const Nanoseconds now = now_realtime_ns();
  if (signed_realtime_ns > now) begun_realtime_ns_ += signed_realtime_ns - now;
}

void TrustedClock::keep() {
  const Nanoseconds now = now_realtime_ns();
  if (now < kept_realtime_ns_ + kKeepEvery) return;
  if (replace_file(seen_file_, bytes_of(std::to_string(now) + "\n"), 0600)) kept_realtime_ns_ = now;
}

}  // namespace parapet::lists
