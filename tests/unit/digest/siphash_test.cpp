// SPDX-License-Identifier: Apache-2.0
// The sponge is SipHash with one compression and three finalisation rounds.
#include "digest/siphash.h"

#include <gtest/gtest.h>

#include <set>

namespace parapet::digest {
namespace {

// SipHash-1-3-128 of a message whose length is a multiple of eight, written anew from the paper: the last word holds
// the length in its top byte.
Digest reference(const Key& key, const std::uint64_t* words, unsigned count) {
  std::uint64_t v[4] = {key.k0 ^ 0x736f6d6570736575, key.k1 ^ 0x646f72616e646f6d, key.k0 ^ 0x6c7967656e657261,
                        key.k1 ^ 0x7465646279746573};
  v[1] ^= 0xee;
  const auto rotate = [](std::uint64_t x, int by) { return (x << by) | (x >> (64 - by)); };
  const auto round = [&] {
    v[0] += v[1];
    v[2] += v[3];
    v[1] = rotate(v[1], 13);
    v[3] = rotate(v[3], 16);
    v[1] ^= v[0];
    v[3] ^= v[2];
    v[0] = rotate(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = rotate(v[1], 17);
    v[3] = rotate(v[3], 21);
    v[1] ^= v[2];
    v[3] ^= v[0];
    v[2] = rotate(v[2], 32);
  };
  const auto absorb = [&](std::uint64_t word) {
    v[3] ^= word;
    round();
    v[0] ^= word;
  };
  for (unsigned i = 0; i < count; ++i) absorb(words[i]);
  absorb(static_cast<std::uint64_t>(count * 8 % 256) << 56);
  Digest out;
  v[2] ^= 0xee;
  for (int i = 0; i < 3; ++i) round();
  out.low = v[0] ^ v[1] ^ v[2] ^ v[3];
  v[1] ^= 0xdd;
  for (int i = 0; i < 3; ++i) round();
  out.high = v[0] ^ v[1] ^ v[2] ^ v[3];
  return out;
}

TEST(SipState, AgreesWithThePapersFunction) {
  const Key key{0x0706050403020100, 0x0f0e0d0c0b0a0908};
  std::uint64_t words[9];
  for (std::uint64_t i = 0; i < 9; ++i) words[i] = 0x0706050403020100 + i * 0x0808080808080808;
  for (unsigned count = 0; count < 9; ++count) {
    SipState state(key);
    for (unsigned i = 0; i < count; ++i) state.feed(words[i]);
    state.feed(static_cast<std::uint64_t>(count * 8) << 56);
    EXPECT_EQ(state.digest(), reference(key, words, count)) << count;
  }
}

TEST(SipState, TakingADigestDoesNotDisturbTheFeed) {
  const Key key{1, 2};
  SipState a(key), b(key);
  a.feed(7);
  b.feed(7);
  static_cast<void>(a.digest());
  a.feed(8);
  b.feed(8);
  EXPECT_EQ(a.digest(), b.digest());
  EXPECT_EQ(a.low(), b.digest().low);
}

TEST(SipState, EveryBitOfTheKeyCounts) {
  std::set<Digest> seen;
  for (int bit = 0; bit < 128; ++bit) {
    const Key key{bit < 64 ? std::uint64_t{1} << bit : 0, bit < 64 ? 0 : std::uint64_t{1} << (bit - 64)};
    SipState state(key);
    state.feed(42);
    seen.insert(state.digest());
  }
  EXPECT_EQ(seen.size(), 128u);
}

}  // namespace
}  // namespace parapet::digest
