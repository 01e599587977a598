// SPDX-License-Identifier: Apache-2.0
// Who shook hands lately: a fixed table written when a server answers a SYN. It holds no state per SYN.
//
// A set of four slots is chosen by the stream's keyed hash; a new handshake takes the slot of its own stream, a free
// one, or the oldest of the set. A slot that was overwritten costs no miss: it only turns a reset into a mere drop.
#pragma once

#include <cstdint>

#include "packet/flow/fixed_array.h"
#include "packet/flow/stream_key.h"

namespace parapet::packet {

//   0        8          12         16          20      24    26      27     28         32
//   | tag    | server   | client   | settled   | tick  | mss | flags | zero | client TS |
struct HandshakeSlot {
  std::uint64_t tag;  // the stream's hash; 0: free
  std::uint32_t server_isn;
  std::uint32_t client_isn;
  std::uint32_t settled_seq;  // client bytes below were read, unlisted and acknowledged; with kSettled
  Tick tick;                  // when the SYN-ACK came
  std::uint16_t mss;          // the server's; 0: not said
  std::uint8_t flags;
  std::uint8_t zero;
  std::uint32_t client_timestamp;  // of the client's SYN, as the server echoed it; with kTimestamps

  static constexpr std::uint8_t kProven = 1;  // the client acknowledged server_isn + 1
  static constexpr std::uint8_t kSettled = 2;
  static constexpr std::uint8_t kOpaque = 4;      // settled because the stream asks for nothing readable any more
  static constexpr std::uint8_t kTimestamps = 8;  // both ends agreed on timestamps (RFC 7323 §3.2)
  static constexpr std::uint8_t kSigned = 16;     // the server signs its segments (TCP-MD5, TCP-AO)

  bool proven() const noexcept { return (flags & kProven) != 0; }
  bool settled() const noexcept { return (flags & kSettled) != 0; }
  bool opaque() const noexcept { return (flags & kOpaque) != 0; }
  bool has_timestamps() const noexcept { return (flags & kTimestamps) != 0; }
  bool is_signed() const noexcept { return (flags & kSigned) != 0; }
  std::uint32_t first_seq() const noexcept { return client_isn + 1; }
};
static_assert(sizeof(HandshakeSlot) == 32);

// What a SYN-ACK says.
struct Handshake {
  std::uint32_t server_isn;
  std::uint32_t client_isn;
  std::uint16_t mss;               // 0: not said
  std::uint8_t flags;              // HandshakeSlot::kTimestamps, kSigned
  std::uint32_t client_timestamp;  // with kTimestamps
};

//   thread  one
class HandshakeTable {
 public:
  //   slots   a power of two, at least 4
  static Result<HandshakeTable> create(std::uint32_t slots);

  void prefetch(std::uint64_t hash) const noexcept {
    const HandshakeSlot* set = set_of(hash);
    __builtin_prefetch(set);
    __builtin_prefetch(set + 2);
  }

  HandshakeSlot* find(std::uint64_t hash) noexcept;

  // A SYN-ACK came. The same numbers again (sent twice) leave the slot as it is.
  void write(std::uint64_t hash, const Handshake& handshake, Tick now) noexcept;

 private:
  static constexpr std::size_t kWays = 4;
  static std::uint64_t tag_of(std::uint64_t hash) noexcept { return hash == 0 ? 1 : hash; }
  HandshakeSlot* set_of(std::uint64_t hash) noexcept { return &slots_[(hash & set_mask_) * kWays]; }
  const HandshakeSlot* set_of(std::uint64_t hash) const noexcept { return &slots_[(hash & set_mask_) * kWays]; }

  FixedArray<HandshakeSlot> slots_;
  std::uint64_t set_mask_ = 0;
};

}  // namespace parapet::packet
