// SPDX-License-Identifier: Apache-2.0
// TCP and UDP headers.
#pragma once

#include "base/bytes.h"
#include "packet/decode/decode.h"

namespace parapet::packet {

// Each takes the bytes from the header to where IP says the end is; it begins at out.l4_offset. False: malformed.
bool read_tcp(ByteView segment, Decoded& out) noexcept;   // RFC 9293 §3.1
bool read_udp(ByteView datagram, Decoded& out) noexcept;  // RFC 768

}  // namespace parapet::packet
