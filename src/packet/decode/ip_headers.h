// SPDX-License-Identifier: Apache-2.0
// IPv4 and IPv6 headers, extension headers and fragments.
#pragma once

#include "base/bytes.h"
#include "packet/decode/decode.h"
#include "packet/decode/inside.h"

namespace parapet::packet {

// RFC 791 §3.1. `packet` begins with the IP header and may have a trailer. Fills out.flow and, of a fragment, its part.
Inside read_ipv4(ByteView packet, Decoded& out) noexcept;

// RFC 8200 §4: up to 8 extension headers and 512 bytes of them. Fills as read_ipv4().
Inside read_ipv6(ByteView packet, Decoded& out) noexcept;

// Whether the first fragment of a datagram holds all headers, TCP's or UDP's too, and over IPv4 8 bytes behind them. No
// sender cuts them; what they say could not be judged.  RFC 1858 §2, RFC 3128 §2, RFC 7112 §4
//   protocol  what `data` begins with; where IPv6 goes on with extension headers they are walked
bool holds_all_headers(std::uint8_t protocol, bool is_ipv4, ByteView data) noexcept;

}  // namespace parapet::packet
