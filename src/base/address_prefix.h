// SPDX-License-Identifier: Apache-2.0
// A block of addresses, "192.0.2.0/24" or "2001:db8::/32".
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>

#include "base/result.h"

namespace parapet {

// IPv4 stands mapped (::ffff:a.b.c.d), as in packet::FlowAddresses. What lies behind the prefix is zero.
class AddressPrefix {
 public:
  AddressPrefix() = default;  // every address
  // An address alone is a block of one. Bits behind the prefix may be set in the text, unless `exact`.
  //   errors  invalid_argument
  static Result<AddressPrefix> parse(const std::string& text, bool exact = false);

  bool holds(const std::array<std::uint8_t, 16>& address) const noexcept;
  const std::array<std::uint8_t, 16>& address() const noexcept { return address_; }
  unsigned bits() const noexcept { return bits_; }  // 0..128; of IPv4 96..128
  bool is_ipv4() const noexcept;

  // By address, the wider block first.
  friend auto operator<=>(const AddressPrefix&, const AddressPrefix&) = default;

 private:
  std::array<std::uint8_t, 16> address_{};
  unsigned bits_ = 0;
};

}  // namespace parapet
