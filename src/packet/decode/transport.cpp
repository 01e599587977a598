// SPDX-License-Identifier: Apache-2.0
// Reading TCP and UDP headers.
#include "packet/decode/transport.h"

namespace parapet::packet {
namespace {

constexpr std::size_t kTcpHeaderLength = 20, kUdpHeaderLength = 8;

// The maximum segment size option of a SYN; 0 where there is none or the options cannot be read.  RFC 9293 §3.1, §3.2
std::uint16_t read_mss(ByteView options) noexcept {
  std::size_t at = 0;
  while (at < options.size()) {
    const std::uint8_t kind = options[at];
    if (kind == 0) return 0;
    if (kind == 1) {
      ++at;
      continue;
    }
    if (at + 2 > options.size()) return 0;
    const std::size_t length = options[at + 1];
    if (length < 2 || at + length > options.size()) return 0;
    if (kind == 2 && length == 4) return load_be16(options.data() + at + 2);
    at += length;
  }
  return 0;
}

}  // namespace

bool read_tcp(ByteView segment, Decoded& out) noexcept {
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
  if ((out.flags & kTcpSyn) != 0) out.mss = read_mss(segment.subspan(kTcpHeaderLength, header - kTcpHeaderLength));
  out.payload_offset = static_cast<std::uint16_t>(out.l4_offset + header);
  out.payload_length = static_cast<std::uint32_t>(segment.size() - header);
  return true;
}

bool read_udp(ByteView datagram, Decoded& out) noexcept {
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
