// SPDX-License-Identifier: Apache-2.0
// Marks taken off a TCP header so that every end reads the same bytes; each is followed by its counter (rewritten_*).
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "packet/decode/decode.h"

namespace parapet::packet {

// Takes the urgent mark off: the byte it points to stays in the stream (RFC 6093 §3). The checksum stays as right or
// wrong as it was.  REQUIRES decoded.outcome tcp
void clear_urgent(MutableBytes frame, Decoded& decoded) noexcept;

// Overwrites `length` bytes at `offset` of the TCP header with no-operations. The checksum stays as it was.
//   REQUIRES decoded.outcome tcp, 20 <= offset, offset + length <= the header's length
void blank_option(MutableBytes frame, const Decoded& decoded, std::size_t offset, std::size_t length) noexcept;

}  // namespace parapet::packet
