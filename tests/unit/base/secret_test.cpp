// SPDX-License-Identifier: Apache-2.0
// Secret memory can be written, moved and is wiped.
#include "base/secret.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace parapet {
namespace {

TEST(Secret, WipeLeavesZerosOnly) {
  std::vector<std::uint8_t> bytes(100, 0xaa);
  wipe(MutableBytes(bytes).first(99));
  EXPECT_TRUE(std::all_of(bytes.begin(), bytes.end() - 1, [](auto b) { return b == 0; }));
  EXPECT_EQ(bytes.back(), 0xaa);
}

TEST(Secret, MemoryBeginsAsZerosAndMoves) {
  auto memory = SecretMemory::allocate(32);
  ASSERT_TRUE(memory);
  EXPECT_EQ(std::count(memory->bytes().begin(), memory->bytes().end(), 0), 32);
  memory->bytes()[5] = 7;
  SecretMemory moved = std::move(*memory);
  EXPECT_EQ(moved.bytes()[5], 7);
  EXPECT_EQ(moved.bytes().size(), 32u);
}

}  // namespace
}  // namespace parapet
