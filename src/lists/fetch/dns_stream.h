// SPDX-License-Identifier: Apache-2.0
// A TCP connection to a name server, in whole messages.  RFC 1035 §4.2.2, RFC 7766
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/result.h"

namespace parapet::lists {

// Whatever it waits for, it waits until the end alone (CLOCK_MONOTONIC).
class DnsStream {
 public:
  //   address  "ADDRESS:PORT" or "[v6]:PORT"
  //   errors   invalid_argument · unavailable (no connection) · timeout
  static Result<DnsStream> connect(const std::string& address, Nanoseconds end_monotonic_ns);

  //   errors  integrity (the other side has closed) · timeout
  Status send(ByteView message) const;
  //   errors  integrity (closed before the message was whole) · timeout
  Result<std::vector<std::uint8_t>> receive() const;

 private:
  DnsStream(Fd fd, Nanoseconds end) noexcept : fd_(std::move(fd)), end_(end) {}
  Status wait(short event) const;
  Status fill(MutableBytes bytes) const;

  Fd fd_;
  Nanoseconds end_;
};

}  // namespace parapet::lists
