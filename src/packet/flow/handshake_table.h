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

//   0        8          12         16          20      24    26     27       32
//   | tag    | server   | client   | settled   | tick  | mss | flags | zero   |
struct HandshakeSlot {
  std::uint64_t tag;  // the stream's hash; 0: free
  std::uint32_t server_isn;
  std::uint32_t client_isn;
  std::uint32_t settled_seq;  // client bytes below were read, unlisted and acknowledged; with kSettled
  Tick tick;                  // when the SYN-ACK came
  std::uint16_t mss;          // the server's; 0: not said
  std::uint8_t flags;
  std::uint8_t zero[5];

  static constexpr std::uint8_t kProven = 1;  // the client acknowledged server_isn + 1
  static constexpr std::uint8_t kSettled = 2;
  static constexpr std::uint8_t kOpaque = 4;  // settled because the stream asks for nothing readable any more

  bool proven() const noexcept { return (flags & kProven) != 0; }
  bool settled() const noexcept { return (flags & kSettled) != 0; }
  bool opaque() const noexcept { return (flags & kOpaque) != 0; }
  std::uint32_t first_seq() const noexcept { return client_isn + 1; }
};
static_assert(sizeof(HandshakeSlot) == 32);

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
  void write(std::uint64_t hash, std::uint32_t server_isn, std::uint32_t client_isn, std::uint16_t mss,
             Tick now) noexcept;

 private:
  static constexpr std::size_t kWays = 4;
  static std::uint64_t tag_of(std::uint64_t hash) noexcept { return hash == 0 ? 1 : hash; }
  HandshakeSlot* set_of(std::uint64_t hash) noexcept { return &slots_[(hash & set_mask_) * kWays]; }
  const HandshakeSlot* set_of(std::uint64_t hash) const noexcept { return &slots_[(hash & set_mask_) * kWays]; }

  FixedArray<HandshakeSlot> slots_;
  std::uint64_t set_mask_ = 0;
};

}  // namespace parapet::packet
