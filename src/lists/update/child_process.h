// SPDX-License-Identifier: Apache-2.0
// Starts the reading child, feeds it one request, takes its reply and sees it end.
#pragma once

#include <cstdint>
#include <string>

#include "base/file.h"
#include "base/result.h"
#include "lists/update/child_frames.h"

namespace parapet::lists {

// Tells waiting threads to stop; can be polled.
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

inline constexpr std::uint64_t kReadingAllowanceMs = 60'000;

// Runs PROGRAM --read-source. The child has the request's deadline for the download and the allowance for the rest,
// then it is killed; likewise when `stop` is raised, or when it says more than a list could have.
//   REQUIRES SIGPIPE ignored
//   errors  the child's own · timeout · limit · malformed · integrity · unavailable (it died, or we stop) · io
//   thread  any
Result<ReadReply> run_child(const std::string& program, const ReadRequest& request, const digest::Key& key,
                            const StopSignal& stop, std::uint64_t reading_allowance_ms = kReadingAllowanceMs);

}  // namespace parapet::lists
