// SPDX-License-Identifier: Apache-2.0
// The walk over a TCP header's options.
#include "packet/decode/tcp_options.h"

namespace parapet::packet {
namespace {

constexpr std::size_t kFixedLength = 20;
constexpr std::uint8_t kEnd = 0, kNothing = 1, kMss = 2, kWindowScale = 3, kTimestamp = 8, kMd5 = 19, kAo = 29,
                       kMultipath = 30;
constexpr std::size_t kTimestampLength = 10;
constexpr std::uint32_t kAlignedTimestamp = 0x0101080a;  // no-op, no-op, kind 8, length 10: RFC 7323 appendix A

void take_timestamp(const std::uint8_t* option, TcpOptions& out) noexcept {
  out.has_timestamp = true;
  out.timestamp = load_be32(option + 2);
  out.echo = load_be32(option + 6);
}

}  // namespace

TcpOptions read_tcp_options(ByteView header) noexcept {
  TcpOptions out;
  if (header.size() == kFixedLength + 12 && load_be32(header.data() + kFixedLength) == kAlignedTimestamp) {
    take_timestamp(header.data() + kFixedLength + 2, out);
    return out;
  }
  for (std::size_t at = kFixedLength; at < header.size();) {
    const std::uint8_t kind = header[at];
    if (kind == kEnd) break;
    if (kind == kNothing) {
      ++at;
      continue;
    }
    if (at + 2 > header.size()) break;
    const std::size_t length = header[at + 1];
    if (length < 2 || at + length > header.size()) break;
    const std::uint8_t* option = header.data() + at;
    if (kind == kMss && length == 4) out.mss = load_be16(option + 2);
    if (kind == kWindowScale && length == 3) out.window_scale = option[2];
    if (kind == kTimestamp && length == kTimestampLength) take_timestamp(option, out);
    if (kind == kMd5 || kind == kAo) out.is_signed = true;
    if (kind == kMultipath) {
      out.multipath_offset = static_cast<std::uint8_t>(at);
      out.multipath_length = static_cast<std::uint8_t>(length);
    }
    at += length;
  }
  return out;
}

}  // namespace parapet::packet
