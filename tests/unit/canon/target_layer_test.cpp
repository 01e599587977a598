// SPDX-License-Identifier: Apache-2.0
// The layer of encoding that only some servers take off a target.
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "canon/url.h"

namespace parapet::canon {
namespace {

std::string without_layer(std::string_view in) {
  std::array<std::uint8_t, kMaxTarget> out;
  std::size_t length = 0;
  const bool found = take_off_encoding(bytes_of(in), out, length);
  return found ? std::string(text_of(ByteView{out}.first(length))) : "(none)";
}

TEST(TargetLayer, OfPercentSignsComesOffOnce) {
  EXPECT_EQ(without_layer("/a%2541"), "/a%41");
  EXPECT_EQ(without_layer("/a%25%34%31"), "/a%41");
  EXPECT_EQ(without_layer("/a%252541"), "/a%2541");
  EXPECT_EQ(without_layer("/%252F%2f"), "/%2F%2f");
  EXPECT_EQ(without_layer("/100%25"), "/100%");
}

TEST(TargetLayer, OfUnicodeEscapesAndOverlongUtf8ComesOff) {
  EXPECT_EQ(without_layer("/%u0041%U002f"), "/%41%2F");
  EXPECT_EQ(without_layer("/%c1%81%c0%af%e0%81%81"), "/%41%2F%41");
  EXPECT_EQ(without_layer("/\xc1\x81\xc0%af"), "/A%2F");
}

TEST(TargetLayer, IsNotSeenWhereThereIsNone) {
  for (const char* target : {"/", "/a%41", "/%zz%", "/%u00e4", "/%u004", "/\xc3\xa4", "/%c3%a4", "/%e2%82%ac", "/%c1",
                             "/%c1%c1", "/%e0%82%81"}) {
    EXPECT_EQ(without_layer(target), "(none)") << target;
  }
}

}  // namespace
}  // namespace parapet::canon
