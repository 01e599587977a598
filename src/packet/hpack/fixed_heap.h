// SPDX-License-Identifier: Apache-2.0
// A small heap of fixed size, for a library that wants an allocator: no system call, no lock, a bounded number of
// steps.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace parapet::packet {

// Blocks are a unit times a power of two (buddies): one is split until it fits, and joined with its other half when
// both are free. The lowest address that will do is taken, so that long blocks stay free above. What is freed is wiped.
//
//   order   0     1     2    ...  11
//   bytes   48    96    192  ...  98,304
//
//   thread  one.  Plain data: all zero is not a valid heap, reset() makes one.
class FixedHeap {
 public:
  static constexpr std::size_t kSize = 96 * 1024;

  void reset() noexcept;                      // wipes what was handed out since the last reset, and has all bytes free
  void* allocate(std::size_t size) noexcept;  // nullptr: no room
  void* allocate_zeroed(std::size_t count, std::size_t size) noexcept;  // nullptr as well where the product overflows
  void free(void* block) noexcept;                                      // nullptr is nothing
  // The block's content is kept up to the smaller size. nullptr: no room, the block stands.
  void* reallocate(void* block, std::size_t size) noexcept;
  ByteView bytes() const noexcept { return bytes_; }

 private:
  static constexpr std::size_t kUnit = 48;
  static constexpr unsigned kOrders = 12;
  static constexpr std::size_t kUnits = kSize / kUnit;
  static constexpr std::uint8_t kNotABlock = 0xff;
  static_assert(kUnit % alignof(std::max_align_t) == 0 && kUnits == std::size_t{1} << (kOrders - 1));

  struct Place {  // a block: which of those of its order
    unsigned order;
    std::size_t index;
  };
  std::size_t unit_of(const Place& place) const noexcept { return place.index << place.order; }
  void mark_free(const Place& place) noexcept;
  void mark_taken(const Place& place) noexcept;
  bool is_free(const Place& place) const noexcept;
  bool find_free(unsigned order, std::size_t& index) const noexcept;

  alignas(64) std::array<std::uint8_t, kSize> bytes_;
  std::array<std::array<std::uint64_t, kUnits / 64>, kOrders> free_;  // a bit for each free block of each order
  std::array<std::uint8_t, kUnits> order_of_;                         // by a block's first unit, for blocks handed out
  std::size_t used_units_;  // below which blocks were handed out since the last reset
};

}  // namespace parapet::packet
