// SPDX-License-Identifier: Apache-2.0
// Kept bytes against a plain map, and their end.
#include "packet/flow/kept_bytes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <vector>

namespace parapet::packet {
namespace {

TEST(KeptBytes, AgreeWithAMapOverTheWrapOfSequenceNumbers) {
  auto kept = *KeptBytes::create(64);
  std::mt19937 engine(3);
  const auto random = [&engine] { return static_cast<std::uint32_t>(engine()); };
  for (int round = 0; round < 300; ++round) {
    KeptChain chain;
    const std::uint32_t base = 0xffffffff - random() % 8000;
    std::map<std::uint32_t, std::uint8_t> truth;  // offset from base
    for (int step = 0; step < 60; ++step) {
      const std::uint32_t at = random() % 12000, length = 1 + random() % 1500;
      std::vector<std::uint8_t> bytes(length);
      for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
      bool conflict = false, covered = true;
      std::vector<std::uint8_t> unified = bytes;
      for (std::uint32_t i = 0; i < length; ++i) {
        const auto known = truth.find(at + i);
        covered &= known != truth.end();
        if (known == truth.end()) continue;
        conflict |= known->second != bytes[i];
        unified[i] = known->second;
      }
      ASSERT_EQ(kept.differs(chain, base + at, bytes), conflict);
      ASSERT_EQ(kept.covers(chain, base + at, length), covered);
      std::vector<std::uint8_t> written = bytes;
      kept.overwrite(chain, base + at, written);
      const auto next = truth.lower_bound(at);
      ASSERT_EQ(kept.distance_to_next(chain, base + at), next == truth.end() ? kKeptNone : next->first - at);
      ASSERT_EQ(written, unified);
      switch (random() % 8) {
        case 0:
          kept.release_before(chain, base + at);
          truth.erase(truth.begin(), truth.lower_bound(at));
          break;
        case 1:
          kept.release_from(chain, base + at);
          truth.erase(truth.lower_bound(at), truth.end());
          break;
        default:
          ASSERT_EQ(kept.keep(chain, base + at, bytes), KeepOutcome::kept);
          for (std::uint32_t i = 0; i < length; ++i) truth.emplace(at + i, bytes[i]);
      }
      std::uint32_t run = 0;
      for (ByteView part; !(part = kept.run_at(chain, base + at + run)).empty();)
        run += static_cast<std::uint32_t>(part.size());
      std::uint32_t expected = 0;
      while (truth.contains(at + expected)) ++expected;
      ASSERT_EQ(run, expected);
    }
    kept.release_all(chain);
    ASSERT_EQ(kept.free_blocks(), 64u);
    ASSERT_EQ(chain.blocks, 0u);
  }
}

TEST(KeptBytes, AStreamHoldsNoMoreThanItsWindow) {
  auto kept = *KeptBytes::create(64);
  KeptChain chain;
  const std::vector<std::uint8_t> bytes(kKeptBlockSize, 1);
  for (std::uint32_t i = 0; i < kMaxKeptBlocks; ++i) {
    EXPECT_EQ(kept.keep(chain, i * kKeptBlockSize, bytes), KeepOutcome::kept);
  }
  EXPECT_EQ(kept.keep(chain, 100 * kKeptBlockSize, bytes), KeepOutcome::too_many);
  EXPECT_EQ(chain.blocks, kMaxKeptBlocks);
  kept.release_first_block(chain);
  EXPECT_EQ(chain.blocks, kMaxKeptBlocks - 1);
  EXPECT_FALSE(kept.covers(chain, 0, 1));
  EXPECT_TRUE(kept.covers(chain, kKeptBlockSize, 1));
}

TEST(KeptBytes, AnEmptyPoolKeepsNothingAndSaysSo) {
  auto kept = *KeptBytes::create(2);
  KeptChain one, two;
  const std::vector<std::uint8_t> bytes(kKeptBlockSize, 1);
  EXPECT_EQ(kept.keep(one, 0, bytes), KeepOutcome::kept);
  EXPECT_EQ(kept.keep(two, 512, bytes), KeepOutcome::no_block);
  EXPECT_EQ(two.blocks, 0u);
  EXPECT_EQ(kept.free_blocks(), 1u);
}

TEST(KeptBytes, AreWipedWhenTheyGo) {
  auto kept = *KeptBytes::create(8);
  KeptChain chain;
  const std::vector<std::uint8_t> bytes(3000, 0xee);
  const auto left = [&] { return std::count(kept.memory().begin(), kept.memory().end(), 0xee); };
  ASSERT_EQ(kept.keep(chain, 500, bytes), KeepOutcome::kept);
  EXPECT_EQ(left(), 3000);
  kept.release_before(chain, 600);
  EXPECT_EQ(left(), 2900);
  kept.release_from(chain, 3000);
  EXPECT_EQ(left(), 2400);
  kept.release_all(chain);
  EXPECT_EQ(left(), 0);
}

TEST(KeptBytes, SizesOutOfRangeAreRefused) {
  EXPECT_EQ(KeptBytes::create(0).error().code, ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace parapet::packet
