// SPDX-License-Identifier: Apache-2.0
// A heap of fixed size: blocks never overlap, what is freed can be had again, and is wiped.
#include "packet/hpack/fixed_heap.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <random>
#include <vector>

namespace parapet::packet {
namespace {

std::unique_ptr<FixedHeap> make_heap() {
  auto heap = std::make_unique<FixedHeap>();
  std::memset(static_cast<void*>(heap.get()), 0, sizeof *heap);
  heap->reset();
  return heap;
}

TEST(FixedHeap, GivesTheWholeOfItselfAndNoMore) {
  const auto heap = make_heap();
  void* all = heap->allocate(FixedHeap::kSize);
  ASSERT_NE(all, nullptr);
  EXPECT_EQ(heap->allocate(1), nullptr);
  heap->free(all);
  EXPECT_EQ(heap->allocate(FixedHeap::kSize + 1), nullptr);
  EXPECT_EQ(heap->allocate(FixedHeap::kSize), all);
}

TEST(FixedHeap, KeepsALongBlockFreeAboveManyShortOnes) {
  const auto heap = make_heap();
  for (int i = 0; i < 500; ++i) ASSERT_NE(heap->allocate(80), nullptr);
  EXPECT_NE(heap->allocate(FixedHeap::kSize / 2), nullptr);
}

TEST(FixedHeap, BlocksHoldTheirContentWhileOthersComeAndGo) {
  struct Block {
    std::uint8_t* at;
    std::size_t size;
    std::uint8_t fill;
  };
  const auto heap = make_heap();
  std::mt19937 random(11);
  std::vector<Block> blocks;
  std::size_t refused = 0;
  for (int round = 0; round < 100000; ++round) {
    if (random() % 2 == 0 || blocks.empty()) {
      const std::size_t size = random() % 20 == 0 ? random() % 9000 : random() % 200;
      auto* at = static_cast<std::uint8_t*>(heap->allocate(size));
      if (at == nullptr) {
        ++refused;
        continue;
      }
      ASSERT_EQ(reinterpret_cast<std::uintptr_t>(at) % alignof(std::max_align_t), 0U);
      const auto fill = static_cast<std::uint8_t>(random());
      std::memset(at, fill, size);
      blocks.push_back({at, size, fill});
    } else {
      const std::size_t chosen = random() % blocks.size();
      Block& block = blocks[chosen];
      for (std::size_t i = 0; i < block.size; ++i) ASSERT_EQ(block.at[i], block.fill);
      if (random() % 4 == 0) {
        const std::size_t size = block.size + random() % 300;
        auto* moved = static_cast<std::uint8_t*>(heap->reallocate(block.at, size));
        if (moved == nullptr) continue;
        for (std::size_t i = 0; i < block.size; ++i) ASSERT_EQ(moved[i], block.fill);
        std::memset(moved, block.fill, size);
        block = {moved, size, block.fill};
        continue;
      }
      heap->free(block.at);
      blocks.erase(blocks.begin() + static_cast<std::ptrdiff_t>(chosen));
    }
  }
  EXPECT_GT(refused, 100U) << "the heap was full now and then";
  for (const Block& block : blocks) heap->free(block.at);
  EXPECT_NE(heap->allocate(FixedHeap::kSize), nullptr) << "all parts were joined again";
}

TEST(FixedHeap, GivesZerosWhereTheyAreWantedAndSeesACountThatOverflows) {
  const auto heap = make_heap();
  void* first = heap->allocate(960);
  std::memset(first, 0xab, 960);
  ASSERT_EQ(heap->reallocate(first, 10), first) << "a shorter block stays where it is";
  auto* zeroed = static_cast<std::uint8_t*>(heap->allocate_zeroed(96, 10));
  ASSERT_NE(zeroed, nullptr);
  EXPECT_TRUE(std::all_of(zeroed, zeroed + 960, [](std::uint8_t byte) { return byte == 0; }));
  EXPECT_EQ(*static_cast<std::uint8_t*>(first), 0xab);
  EXPECT_EQ(heap->allocate_zeroed(SIZE_MAX / 2 + 2, 2), nullptr) << "the product is 2";
  EXPECT_EQ(heap->allocate_zeroed(FixedHeap::kSize / 8, 8), nullptr) << "there is less room";
  EXPECT_NE(heap->allocate_zeroed(0, 8), nullptr);
  EXPECT_NE(heap->allocate_zeroed(8, 0), nullptr);
}

TEST(FixedHeap, ReallocatesNothingToABlock) {
  const auto heap = make_heap();
  void* block = heap->reallocate(nullptr, 100);
  ASSERT_NE(block, nullptr);
  heap->free(block);
  heap->free(nullptr);
  EXPECT_NE(heap->allocate(FixedHeap::kSize), nullptr) << "nothing is left behind";
}

TEST(FixedHeap, WipesWhatIsFreed) {
  const auto heap = make_heap();
  const auto count = [&] { return std::count(heap->bytes().begin(), heap->bytes().end(), std::uint8_t{0xab}); };
  void* first = heap->allocate(1000);
  std::memset(first, 0xab, 1000);
  std::memset(heap->allocate(10), 0xab, 10);
  EXPECT_EQ(count(), 1010);
  heap->free(first);
  EXPECT_EQ(count(), 10);
  heap->reset();
  EXPECT_EQ(count(), 0);
}

}  // namespace
}  // namespace parapet::packet
