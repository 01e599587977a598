// SPDX-License-Identifier: Apache-2.0
// IP literals in every spelling that a URL parser takes for one, brought to one form.  WHATWG URL §3.5, RFC 5952.
#pragma once

#include <cstdint>
#include <string_view>

#include "canon/host.h"

namespace parapet::canon {

enum class AddressOutcome : std::uint8_t { not_an_address, ok, bad };

// "192.0.2.1", "0xc0.0.2.1", "3221225985", "[2001:DB8::1]", "[::ffff:192.0.2.1]" (the last becomes 192.0.2.1).
//   in   lower-case, without trailing dot
//   out  written on ok: text, length and is_address
AddressOutcome canonicalise_address(std::string_view in, Host& out) noexcept;

}  // namespace parapet::canon
