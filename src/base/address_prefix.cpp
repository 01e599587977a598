// SPDX-License-Identifier: Apache-2.0
// Reading and testing address blocks.
#include "base/address_prefix.h"

#include <arpa/inet.h>
#include <algorithm>
#include <charconv>

namespace parapet {
namespace {

constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

// Which bits of the i-th byte belong to a prefix of so many bits.
unsigned mask_of(unsigned i, unsigned bits) noexcept {
  if (bits <= i * 8) return 0;
  const unsigned inside = bits - i * 8;
  return inside >= 8 ? 0xffU : 0xffU << (8 - inside) & 0xffU;
}

}  // namespace

Result<AddressPrefix> AddressPrefix::parse(const std::string& text, bool exact) {
  const auto bad = [&] {
    return fail(ErrorCode::invalid_argument,
                "'" + text + "' is no address block such as 192.0.2.0/24 or 2001:db8::/32");
  };
  const auto slash = text.find('/');
  const std::string address = text.substr(0, slash);
  AddressPrefix prefix;
  unsigned width = 128;
  if (::inet_pton(AF_INET, address.c_str(), prefix.address_.data() + 12) == 1) {
    width = 32;
    std::ranges::copy(kMapped, prefix.address_.begin());
  } else if (::inet_pton(AF_INET6, address.c_str(), prefix.address_.data()) != 1) {
    return bad();
  }
  unsigned bits = width;
  if (slash != std::string::npos) {
    const char* end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data() + slash + 1, end, bits);
    if (error != std::errc{} || stopped != end || bits > width) return bad();
  }
  prefix.bits_ = 128 - width + bits;
  for (unsigned i = 0; i < 16; ++i) {
    const auto inside = static_cast<std::uint8_t>(prefix.address_[i] & mask_of(i, prefix.bits_));
    if (exact && inside != prefix.address_[i]) return bad();
    prefix.address_[i] = inside;
  }
  return prefix;
}

bool AddressPrefix::holds(const std::array<std::uint8_t, 16>& address) const noexcept {
  for (unsigned i = 0; i < 16 && i * 8 < bits_; ++i) {
    if (((address[i] ^ address_[i]) & mask_of(i, bits_)) != 0) return false;
  }
  return true;
}

bool AddressPrefix::is_ipv4() const noexcept {
  return bits_ >= 96 && std::equal(kMapped.begin(), kMapped.end(), address_.begin());
}

}  // namespace parapet
