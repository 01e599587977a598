// SPDX-License-Identifier: Apache-2.0
// TCP and UDP headers.
#pragma once

#include "base/bytes.h"
#include "packet/decode/decode.h"
#include "packet/decode/tcp_options.h"

namespace parapet::packet {

inline constexpr std::size_t kTcpHeaderLength = 20, kUdpHeaderLength = 8;

// Each takes the bytes from the header to where IP says the end is; it begins at out.l4_offset. False: malformed.

// RFC 9293 §3.1
inline bool read_tcp(ByteView segment, Decoded& out) noexcept {
  if (segment.size() < kTcpHeaderLength) return false;
  const std::uint8_t* p = segment.data();
  const std::size_t header = static_cast<std::size_t>(p[12] >> 4) * 4;
  if (header < kTcpHeaderLength || header > segment.size()) return false;
  out.flow.source_port = load_be16(p);
  out.flow.destination_port = load_be16(p + 2);
  out.seq = load_be32(p + 4);
  out.ack = load_be32(p + 8);
  out.flags = p[13];
  out.window = load_be16(p + 14);
  if ((out.flags & kTcpSyn) != 0) out.mss = read_tcp_options(segment.first(header)).mss;
  out.payload_offset = static_cast<std::uint16_t>(out.l4_offset + header);
  out.payload_length = static_cast<std::uint32_t>(segment.size() - header);
  return true;
}

// RFC 768
inline bool read_udp(ByteView datagram, Decoded& out) noexcept {
  if (datagram.size() < kUdpHeaderLength) return false;
  const std::uint8_t* p = datagram.data();
  const std::size_t length = load_be16(p + 4);
  if (length < kUdpHeaderLength || length > datagram.size()) return false;
  out.flow.source_port = load_be16(p);
  out.flow.destination_port = load_be16(p + 2);
  out.payload_offset = static_cast<std::uint16_t>(out.l4_offset + kUdpHeaderLength);
  out.payload_length = static_cast<std::uint32_t>(length - kUdpHeaderLength);
  return true;
}

}  // namespace parapet::packet
