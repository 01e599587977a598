// SPDX-License-Identifier: Apache-2.0
// What is wrapped comes out whole or not at all, and a bomb costs no more than its limit.
#include "lists/read/unpack.h"

#include <gtest/gtest.h>

#include "packed.h"

namespace parapet::lists {
namespace {

using config::Packing;
using support::packed;

constexpr std::uint64_t kLimit = 1 << 20;

std::string read(std::string_view in, Packing packing, std::uint64_t limit = kLimit) {
  const auto out = unpack(bytes_of(in), packing, limit);
  return out ? std::string(text_of(*out)) : "!" + out.error().context;
}

class Unpack : public testing::TestWithParam<Packing> {};
INSTANTIATE_TEST_SUITE_P(EachPacking, Unpack, testing::Values(Packing::gzip, Packing::zstd, Packing::zip),
                         [](const auto& packing) { return std::string(config::name_of(packing.param)); });

TEST_P(Unpack, WhatWasPackedComesOut) {
  for (const std::size_t size : {1u, 1000u, 700'000u}) {
    std::string text;
    while (text.size() < size) text += "name" + std::to_string(text.size()) + ".example.test\n";
    EXPECT_EQ(read(packed(GetParam(), text), GetParam()), text);
  }
}

TEST_P(Unpack, OtherBytesAreRefused) {
  const std::string refusal = "!it is no whole " + std::string(config::name_of(GetParam()));
  EXPECT_EQ(read("a.example.test\n", GetParam()), refusal);
  EXPECT_EQ(read("<html><body>Sign in</body></html>", GetParam()), refusal);
  EXPECT_EQ(read("", GetParam()), refusal);
  for (const Packing other : {Packing::gzip, Packing::zstd, Packing::zip}) {
    if (other != GetParam()) {
      EXPECT_EQ(read(packed(other, "a.example.test\n"), GetParam()), refusal);
    }
  }
}

TEST_P(Unpack, WhatIsCutShortIsRefused) {
  std::string text;
  for (int i = 0; i < 2000; ++i) text += std::to_string(i * 7919 % 10007) + ".example.test\n";
  const std::string whole = packed(GetParam(), text);
  for (std::size_t size = 0; size < whole.size(); size += 1 + whole.size() / 64) {
    EXPECT_TRUE(read(whole.substr(0, size), GetParam()).starts_with("!")) << size << " of " << whole.size();
  }
}

TEST_P(Unpack, ABombEndsAtTheLimit) {
  const std::string bomb = packed(GetParam(), std::string(8 << 20, 'a'));
  EXPECT_LT(bomb.size(), 64u << 10);
  EXPECT_EQ(read(bomb, GetParam()), "!unpacked it has more than max_unpacked_bytes = 1048576");
  EXPECT_EQ(read(bomb, GetParam(), 8 << 20).size(), 8u << 20);
}

TEST(UnpackGzip, WhatIsWrappedTwiceIsRefused) {
  const std::string twice = packed(Packing::gzip, packed(Packing::gzip, std::string(1000, 'a')));
  EXPECT_EQ(read(twice, Packing::gzip), "!it is no whole gzip");
}

TEST(UnpackZip, HoldsOneFile) {
  EXPECT_EQ(read(packed(Packing::zip, {{"a", "x"}, {"b", "y"}}), Packing::zip), "!more than one file is packed in it");
  EXPECT_EQ(read(packed(Packing::zip, {{"a/", ""}, {"a/b", "y"}}), Packing::zip),
            "!the zip does not begin with a file");
}

}  // namespace
}  // namespace parapet::lists
