// SPDX-License-Identifier: Apache-2.0
// An event descriptor that is raised once.
#include "lists/update/stop_signal.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <algorithm>

#include "base/clock.h"

namespace parapet::lists {

Result<StopSignal> StopSignal::make() {
  Fd fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!fd.valid()) return fail_errno("making an event descriptor");
  return StopSignal(std::move(fd));
}

void StopSignal::raise() const noexcept {
  const std::uint64_t one = 1;
  static_cast<void>(!::write(fd_.get(), &one, sizeof one));
}

bool StopSignal::raised() const noexcept { return wait_ms(0); }

bool StopSignal::wait_ms(std::uint64_t milliseconds) const noexcept {
  const Nanoseconds end = read_clock(CLOCK_MONOTONIC) + milliseconds * 1'000'000;
  for (;;) {
    const Nanoseconds now = read_clock(CLOCK_MONOTONIC);
    const std::uint64_t left = now >= end ? 0 : (end - now + 999'999) / 1'000'000;
    pollfd waited{fd_.get(), POLLIN, 0};
    if (::poll(&waited, 1, static_cast<int>(std::min<std::uint64_t>(left, 60'000))) > 0) return true;
    if (left == 0) return false;
  }
}

}  // namespace parapet::lists
