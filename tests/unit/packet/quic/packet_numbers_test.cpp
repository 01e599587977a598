// SPDX-License-Identifier: Apache-2.0
// Cut packet numbers: whatever a server completes them to is among what is tried.
#include "packet/quic/packet_numbers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace parapet::packet {
namespace {

// RFC 9000 §A.3, as it stands there.
std::uint64_t server_completes(std::uint64_t largest, std::uint64_t cut, unsigned bits) {
  const std::uint64_t expected = largest + 1, window = std::uint64_t{1} << bits, half = window / 2;
  const std::uint64_t candidate = (expected & ~(window - 1)) | cut;
  if (candidate + half <= expected && candidate < (std::uint64_t{1} << 62) - window) return candidate + window;
  if (candidate > expected + half && candidate >= window) return candidate - window;
  return candidate;
}

bool tries(const PacketNumbers& numbers, std::uint64_t number, unsigned bytes) {
  const auto cut = static_cast<std::uint32_t>(bytes == 4 ? number : number & ((std::uint64_t{1} << 8 * bytes) - 1));
  const auto candidates = numbers.complete(cut, bytes);
  return std::ranges::find(candidates.all(), number) != candidates.all().end();
}

TEST(PacketNumbers, AClientThatCountsFromZeroCostsOneTry) {
  PacketNumbers numbers;
  for (std::uint64_t n = 0; n < 60; ++n) {
    EXPECT_EQ(numbers.complete(static_cast<std::uint32_t>(n), 1).all().size(), 1u);
    EXPECT_TRUE(numbers.note(n));
  }
}

TEST(PacketNumbers, ManyLeapsAreRefusedAndNoneIsForgotten) {
  PacketNumbers numbers;
  for (std::uint64_t n = 1; n <= kMaxNumberPlaces; ++n) EXPECT_TRUE(numbers.note(n * 100'000));
  EXPECT_FALSE(numbers.note(900'000));
  for (std::uint64_t n = 0; n <= kMaxNumberPlaces; ++n) EXPECT_TRUE(tries(numbers, n * 100'000 + 17, 1)) << n;
}

// A server lost any of the packets: its largest number is any of those that were noted.
TEST(PacketNumbers, WhateverTheServerSawItsReadingIsTried) {
  std::mt19937_64 dice(7);
  for (int round = 0; round < 20000; ++round) {
    PacketNumbers numbers;
    std::vector<std::uint64_t> sent;
    std::uint64_t at = 0;
    for (int i = 0; i < 6; ++i) {
      at += dice() % 4 == 0 ? dice() % 100'000 : dice() % 20;
      if (numbers.note(at)) sent.push_back(at);
    }
    const unsigned bytes = 1 + dice() % 4;
    const std::uint64_t seen = sent[dice() % sent.size()];
    const std::uint64_t next = seen + 1 + dice() % 120;
    const std::uint64_t cut = bytes == 4 ? next & 0xffffffff : next & ((std::uint64_t{1} << 8 * bytes) - 1);
    EXPECT_TRUE(tries(numbers, server_completes(seen, cut, 8 * bytes), bytes)) << seen << ' ' << next << ' ' << bytes;
  }
}

}  // namespace
}  // namespace parapet::packet
