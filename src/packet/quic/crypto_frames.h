// SPDX-License-Identifier: Apache-2.0
// The CRYPTO frames in the payload of one opened Initial.  RFC 9000 §12.4, §19
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace parapet::packet {

struct CryptoFrame {
  std::uint64_t offset;  // in the stream of handshake bytes; offset + size stays below 2^63
  ByteView bytes;        // may be empty
};

// Passes over what else an Initial may hold: PADDING, PING, ACK, CONNECTION_CLOSE. Any other frame, or a broken one,
// ends the walk, as it ends the connection at a server; what stood before it counts.
//   cost    one pass, no allocation
//   thread  any, one owner; the payload must stay
class CryptoFrames {
 public:
  explicit CryptoFrames(ByteView payload) noexcept : reader_(payload) {}

  // False: there is no further one.
  bool next(CryptoFrame& out) noexcept;

 private:
  bool pass_padding() noexcept;
  bool pass_ack(bool with_counts) noexcept;
  bool pass_close() noexcept;

  ByteReader reader_;
};

}  // namespace parapet::packet
