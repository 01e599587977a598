// SPDX-License-Identifier: Apache-2.0
// The byte reader never leaves its bytes.
#include "base/bytes.h"

#include <gtest/gtest.h>

#include <array>

namespace parapet {
namespace {

constexpr std::array<std::uint8_t, 7> kSeven{1, 2, 3, 4, 5, 6, 7};

TEST(ByteReader, ReadsNetworkOrder) {
  ByteReader reader(kSeven);
  EXPECT_EQ(reader.u8(), 1);
  EXPECT_EQ(reader.be16(), 0x0203);
  EXPECT_EQ(reader.be32(), 0x04050607u);
  EXPECT_TRUE(reader.ok());
  EXPECT_EQ(reader.remaining(), 0u);
}

TEST(ByteReader, PastTheEndGivesZerosAndStaysNotOk) {
  ByteReader reader(kSeven);
  reader.skip(6);
  EXPECT_EQ(reader.be16(), 0);
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.u8(), 0);
  EXPECT_EQ(reader.position(), kSeven.size());
  EXPECT_TRUE(reader.take(1).empty());
}

TEST(ByteReader, AHugeLengthDoesNotWrap) {
  ByteReader reader(kSeven);
  EXPECT_TRUE(reader.take(SIZE_MAX).empty());
  EXPECT_FALSE(reader.ok());
}

TEST(Loads, StoreThenLoadGivesTheSame) {
  std::uint8_t bytes[8] = {};
  store_be16(bytes, 0xabcd);
  EXPECT_EQ(load_be16(bytes), 0xabcd);
  store_be32(bytes, 0xdeadbeef);
  EXPECT_EQ(load_be32(bytes), 0xdeadbeefu);
  EXPECT_EQ(load_be24(bytes), 0xdeadbeu);
}

}  // namespace
}  // namespace parapet
