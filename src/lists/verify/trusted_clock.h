// SPDX-License-Identifier: Apache-2.0
// The time by which things end: a clock set back revives nothing, and one set ahead ends nothing early.
#pragma once

#include <string>

#include "base/clock.h"

namespace parapet::lists {

// Reads the system's clock once, at start; from then on time passes by the clock of this boot, and only a signature's
// time moves it ahead. At start it is
//   no less than  this release's date, the newest signature's time, and the time last seen (in the file);
//   no more than  a year beyond those; a clock further ahead is not believed: suspect() says so.
//   thread  callers take turns
class TrustedClock {
 public:
  // `seen_file` keeps the time last seen, over restarts; one that is missing or no time says nothing.
  TrustedClock(const Clock& clock, std::string seen_file);

  Nanoseconds now_realtime_ns() const noexcept;
  bool suspect() const noexcept { return suspect_; }
  // A signature that was accepted says that it is later than this.
  void raise_to(Nanoseconds signed_realtime_ns) noexcept;
  // Writes the time seen, where the last one written is an hour old.
  void keep();

 private:
  const Clock& clock_;
  std::string seen_file_;
  Nanoseconds begun_realtime_ns_ = 0;
  Nanoseconds begun_boottime_ns_ = 0;
  Nanoseconds kept_realtime_ns_ = 0;
  bool suspect_ = false;
};

}  // namespace parapet::lists
