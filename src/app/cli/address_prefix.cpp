// SPDX-License-Identifier: Apache-2.0
// Reading and testing address blocks.
#include "app/cli/address_prefix.h"

#include <arpa/inet.h>
#include <charconv>

namespace parapet::cli {

Result<AddressPrefix> AddressPrefix::parse(const std::string& text) {
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
    prefix.address_[10] = prefix.address_[11] = 0xff;
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
  return prefix;
}

bool AddressPrefix::holds(const std::array<std::uint8_t, 16>& address) const noexcept {
  for (unsigned i = 0; i < 16 && i * 8 < bits_; ++i) {
    const unsigned bits = bits_ - i * 8;
    const unsigned mask = bits >= 8 ? 0xffU : 0xffU << (8 - bits);
    if (((address[i] ^ address_[i]) & mask & 0xff) != 0) return false;
  }
  return true;
}

}  // namespace parapet::cli
