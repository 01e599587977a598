// SPDX-License-Identifier: Apache-2.0
// Walking frames.
#include "packet/quic/crypto_frames.h"

#include "packet/quic/varint.h"

namespace parapet::packet {
namespace {

constexpr std::uint64_t kPadding = 0, kPing = 1, kAck = 2, kAckWithCounts = 3, kCrypto = 6, kConnectionClose = 0x1c;

}  // namespace

bool CryptoFrames::next(CryptoFrame& out) noexcept {
  while (reader_.ok() && pass_padding()) {
    switch (read_varint(reader_)) {
      case kPadding:  // written wider than needed
      case kPing: break;
      case kAck:
        if (!pass_ack(false)) return false;
        break;
      case kAckWithCounts:
        if (!pass_ack(true)) return false;
        break;
      case kCrypto: {
        out.offset = read_varint(reader_);
        const std::uint64_t length = read_varint(reader_);
        out.bytes = reader_.take(length);
        return reader_.ok();
      }
      case kConnectionClose:
        if (!pass_close()) return false;
        break;
      default: reader_.skip(reader_.remaining()); return false;
    }
  }
  return false;
}

// False: nothing is left.  Most of a hello's datagram is padding.
bool CryptoFrames::pass_padding() noexcept {
  const ByteView rest = reader_.rest();
  const std::uint8_t *at = rest.data(), *const end = at + rest.size();
  while (end - at >= 8 && load_le64(at) == 0) at += 8;
  while (at != end && *at == 0) ++at;
  reader_.skip(static_cast<std::size_t>(at - rest.data()));
  return at != end;
}

// §19.3: largest, delay, count of further ranges, first range, then a gap and a length for each.
bool CryptoFrames::pass_ack(bool with_counts) noexcept {
  read_varint(reader_);
  read_varint(reader_);
  std::uint64_t ranges = read_varint(reader_);
  read_varint(reader_);
  for (; ranges > 0 && reader_.ok(); --ranges) {
    read_varint(reader_);
    read_varint(reader_);
  }
  for (int counts = with_counts ? 3 : 0; counts > 0; --counts) read_varint(reader_);
  return reader_.ok();
}

// §19.19: error, frame type, length of the reason, reason.
bool CryptoFrames::pass_close() noexcept {
  read_varint(reader_);
  read_varint(reader_);
  reader_.skip(read_varint(reader_));
  return reader_.ok();
}

}  // namespace parapet::packet
