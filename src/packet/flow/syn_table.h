// SPDX-License-Identifier: Apache-2.0
// Where clients' streams begin, by their own SYN: for streams whose server is not seen here. A fixed table apart from
// the handshakes, so that a flood of SYNs overwrites nothing else.
#pragma once

#include <cstdint>
#include <optional>

#include "packet/flow/fixed_array.h"
#include "packet/flow/stream_key.h"

namespace parapet::packet {

//   0     4           8             12     16
//   | tag | first_seq | first_seq_2 | tick |
struct SynSlot {
  std::uint32_t tag;  // of the stream's hash; 0: free
  std::uint32_t first_seq;
  std::uint32_t earlier_first_seq;  // of the SYN before, where that had another number: one of the two is a decoy
  Tick tick;
};
static_assert(sizeof(SynSlot) == 16);

//   thread  one
class SynTable {
 public:
  //   slots   a power of two, at least 4
  static Result<SynTable> create(std::uint32_t slots);

  // The client's SYN, or its SYN-ACK in a split handshake, came; its data begins at `first_seq`.
  void write(std::uint64_t hash, std::uint32_t first_seq, Tick now) noexcept;

  // The beginning of the stream in whose first `window` bytes `seq` lies; none: not known.
  std::optional<std::uint32_t> first_seq_before(std::uint64_t hash, std::uint32_t seq,
                                                std::uint32_t window) const noexcept;

 private:
  static constexpr std::size_t kWays = 4;
  static std::uint32_t tag_of(std::uint64_t hash) noexcept { return static_cast<std::uint32_t>(hash >> 32) | 1; }
  std::size_t set_of(std::uint64_t hash) const noexcept { return (hash & set_mask_) * kWays; }

  FixedArray<SynSlot> slots_;
  std::uint64_t set_mask_ = 0;
};

}  // namespace parapet::packet
