// SPDX-License-Identifier: Apache-2.0
// Bytes of a stream that were forwarded and may come again: the first that came win.  (RFC 9293 §3.4: an end may take
// either of two overlapping segments; what it is given here is the same both times.)
//
// A stream's bytes stand in a chain of blocks of 1 KiB from one pool, each for a stretch of sequence numbers that
// begins at a multiple of 1,024, with one bit for each byte that is there. So bytes may come in any order and number of
// pieces, and what lies between two messages (bodies) costs nothing.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "packet/flow/fixed_array.h"
#include "packet/flow/stream_key.h"

namespace parapet::packet {

inline constexpr std::uint32_t kKeptBlockSize = 1024;
inline constexpr std::uint32_t kKeptWindow = 16 * 1024;                            // of one stream
inline constexpr std::uint32_t kMaxKeptBlocks = kKeptWindow / kKeptBlockSize + 1;  // the window may begin anywhere

inline constexpr std::uint32_t kKeptNone = 0x7fffffff;

// One stream's blocks. Plain data, all zero when empty.
struct KeptChain {
  std::uint32_t head_plus_one = 0;
  std::uint32_t blocks = 0;
};

enum class KeepOutcome : std::uint8_t {
  kept,
  too_many,  // the stream would hold more blocks than it may; nothing was kept
  no_block,  // the pool is empty; nothing was kept
};

//   thread  one
class KeptBytes {
 public:
  //   most_of_one  blocks that one stream may hold
  static Result<KeptBytes> create(std::uint32_t blocks, std::uint32_t most_of_one = kMaxKeptBlocks);

  // How many blocks the stream would have to be given for these bytes.
  std::uint32_t missing_blocks(const KeptChain& chain, std::uint32_t seq, std::size_t length) const noexcept;
  // Keeps what is not there yet.
  KeepOutcome keep(KeptChain& chain, std::uint32_t seq, ByteView bytes) noexcept;

  // Whether `bytes` at `seq` differ from kept ones.
  bool differs(const KeptChain& chain, std::uint32_t seq, ByteView bytes) const noexcept;
  // Overwrites them with the kept ones where there are.
  void overwrite(const KeptChain& chain, std::uint32_t seq, MutableBytes bytes) const noexcept;
  // Whether each of `length` bytes at `seq` is kept.
  bool covers(const KeptChain& chain, std::uint32_t seq, std::uint32_t length) const noexcept;

  // A run of kept bytes that begins at `seq`; empty: there is none. It may go on in the next block: ask again.
  ByteView run_at(const KeptChain& chain, std::uint32_t seq) const noexcept;

  // The first kept byte at or behind `seq`, as a distance from it; kKeptNone: there is none.
  std::uint32_t distance_to_next(const KeptChain& chain, std::uint32_t seq) const noexcept;

  // Lets go of all bytes before, or from, `seq` on; of the block that begins first; of everything. Wipes them.
  void release_before(KeptChain& chain, std::uint32_t seq) noexcept;
  void release_from(KeptChain& chain, std::uint32_t seq) noexcept;
  void release_first_block(KeptChain& chain) noexcept;
  void release_all(KeptChain& chain) noexcept;

  std::uint32_t blocks() const noexcept { return static_cast<std::uint32_t>(blocks_.size()); }
  std::uint32_t free_blocks() const noexcept { return free_count_; }
  ByteView memory() const noexcept { return blocks_.bytes(); }  // for a look at what is left in it

 private:
  struct Block {
    std::uint32_t first_seq;
    std::uint32_t next_plus_one;
    std::array<std::uint64_t, kKeptBlockSize / 64> there;
    std::array<std::uint8_t, kKeptBlockSize> bytes;
  };
  // The part of a stretch of sequence numbers that lies in one block.
  struct Part {
    std::uint32_t first_seq;  // of the block
    std::uint32_t begin;      // in the block
    std::uint32_t length;
  };
  static Part part_at(std::uint32_t seq, std::size_t rest) noexcept;
  template <typename Visit>
  void visit(const KeptChain& chain, std::uint32_t seq, std::size_t length, Visit&& visit) const noexcept;
  const Block* find(const KeptChain& chain, std::uint32_t first_seq) const noexcept;
  Block* find(const KeptChain& chain, std::uint32_t first_seq) noexcept;
  Block* add(KeptChain& chain, std::uint32_t first_seq) noexcept;
  template <typename Select>
  void forget(KeptChain& chain, Select&& select) noexcept;
  void put_back(std::uint32_t index) noexcept;

  FixedArray<Block> blocks_;
  std::uint32_t first_free_plus_one_ = 0;
  std::uint32_t free_count_ = 0;
  std::uint32_t most_of_one_ = 0;
};

}  // namespace parapet::packet
