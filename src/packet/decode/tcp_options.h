// SPDX-License-Identifier: Apache-2.0
// The options of a TCP header that say whether, and as what, a server takes a segment.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace parapet::packet {

struct TcpOptions {
  std::uint16_t mss = 0;              // 0: not said
  std::uint8_t window_scale = 0;      // RFC 7323 §2.2
  bool has_timestamp = false;         // RFC 7323 §3
  bool is_signed = false;             // TCP-MD5 (RFC 2385) or TCP-AO (RFC 5925)
  std::uint8_t multipath_offset = 0;  // of a Multipath TCP option (RFC 8684 §3), from the header's first byte; 0: none
  std::uint8_t multipath_length = 0;
  std::uint32_t timestamp = 0;  // TSval
  std::uint32_t echo = 0;       // TSecr
};

// Reads them in order; stops at the end mark, or where a length leaves the header.  RFC 9293 §3.1, §3.2
//   header  the TCP header, options included, at least 20 bytes
//   cost    one compare where the timestamp stands alone, as on nearly every segment;  thread: any
TcpOptions read_tcp_options(ByteView header) noexcept;

}  // namespace parapet::packet
