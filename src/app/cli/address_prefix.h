// SPDX-License-Identifier: Apache-2.0
// A block of addresses, "192.0.2.0/24" or "2001:db8::/32".
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/result.h"

namespace parapet::cli {

// IPv4 stands mapped (::ffff:a.b.c.d), as in packet::FlowAddresses.
class AddressPrefix {
 public:
  //   errors  invalid_argument
  static Result<AddressPrefix> parse(const std::string& text);
  bool holds(const std::array<std::uint8_t, 16>& address) const noexcept;

 private:
  std::array<std::uint8_t, 16> address_{};
  unsigned bits_ = 0;
};

}  // namespace parapet::cli
