// SPDX-License-Identifier: Apache-2.0
// Tells waiting threads to stop; can be polled.
#pragma once

#include <cstdint>

#include "base/file.h"
#include "base/result.h"

namespace parapet::lists {

//   thread  any
class StopSignal {
 public:
  static Result<StopSignal> make();
  void raise() const noexcept;
  int fd() const noexcept { return fd_.get(); }
  bool raised() const noexcept;
  // Waits that long or until raised; true when raised.
  bool wait_ms(std::uint64_t milliseconds) const noexcept;

 private:
  explicit StopSignal(Fd fd) noexcept : fd_(std::move(fd)) {}
  Fd fd_;
};

}  // namespace parapet::lists
