// SPDX-License-Identifier: Apache-2.0
// The bytes of datagrams that came in fragments: blocks of 1 KiB from one pool.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "packet/flow/fixed_array.h"

namespace parapet::packet {

inline constexpr std::uint32_t kFragmentBlockSize = 1024;
inline constexpr std::uint32_t kMaxDatagramLength = 65535;

// One datagram's blocks, each for the stretch of it that begins at a multiple of 1,024. Plain data, all zero when
// empty.
struct DatagramBlocks {
  std::array<std::uint32_t, kMaxDatagramLength / kFragmentBlockSize + 1> plus_one;
};

//   thread  one
class FragmentBlocks {
 public:
  static Result<FragmentBlocks> create(std::uint32_t blocks);

  std::uint32_t blocks() const noexcept { return static_cast<std::uint32_t>(blocks_.size()); }
  std::uint32_t free_blocks() const noexcept { return free_count_; }
  // How many blocks the datagram would have to be given for these bytes.
  std::uint32_t missing(const DatagramBlocks& of, std::uint32_t offset, std::size_t length) const noexcept;
  //   REQUIRES offset + size <= kMaxDatagramLength; missing() <= free_blocks()
  void write(DatagramBlocks& of, std::uint32_t offset, ByteView bytes) noexcept;

  //   REQUIRES the bytes were written
  bool equal(const DatagramBlocks& of, std::uint32_t offset, ByteView bytes) const noexcept;
  void read(const DatagramBlocks& of, MutableBytes from_its_beginning) const noexcept;

  // Wipes the datagram's blocks and puts them back.
  void release(DatagramBlocks& of) noexcept;

  ByteView memory() const noexcept { return blocks_.bytes(); }  // for a look at what is left in it

 private:
  struct Block {
    std::array<std::uint8_t, kFragmentBlockSize> bytes;
  };

  FixedArray<Block> blocks_;
  FixedArray<std::uint32_t> free_;  // a stack
  std::uint32_t free_count_ = 0;
};

}  // namespace parapet::packet
