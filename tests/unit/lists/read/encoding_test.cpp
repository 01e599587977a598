// SPDX-License-Identifier: Apache-2.0
// Text of each encoding becomes the same UTF-8, and what is no text of it is named.
#include "lists/read/encoding.h"

#include <gtest/gtest.h>
#include <string>

namespace parapet::lists {
namespace {

using config::TextEncoding;
using namespace std::string_view_literals;

std::string read(std::string_view in, TextEncoding encoding = TextEncoding::utf8) {
  std::vector<std::uint8_t> storage;
  const auto text = to_utf8(bytes_of(in), encoding, storage);
  return text ? std::string(text_of(*text)) : "!" + text.error().context;
}

TEST(ToUtf8, Utf8StaysAsItIsWithoutItsMark) {
  EXPECT_EQ(read("a\xc3\xbc\n"), "a\xc3\xbc\n");
  EXPECT_EQ(read("\xef\xbb\xbf"
                 "a"),
            "a");
  EXPECT_EQ(read("\xef\xbb"), "\xef\xbb");
  EXPECT_EQ(read(""), "");
}

TEST(ToUtf8, AMarkSaysMoreThanTheConfiguration) {
  EXPECT_EQ(read("\xff\xfe\xfc\0\n\0"sv), "\xc3\xbc\n");
  EXPECT_EQ(read("\xfe\xff\0\xfc\0\n"sv), "\xc3\xbc\n");
  EXPECT_EQ(read("\xef\xbb\xbf\xc3\xbc", TextEncoding::windows1252), "\xc3\xbc");
  EXPECT_EQ(read("\xfe\xff\0a"sv, TextEncoding::utf16le), "a");
}

TEST(ToUtf8, Utf16OfEitherOrder) {
  EXPECT_EQ(read("a\0\xac\x20\x3d\xd8\x00\xde"sv, TextEncoding::utf16le), "a\xe2\x82\xac\xf0\x9f\x98\x80");
  EXPECT_EQ(read("\0a\x20\xac\xd8\x3d\xde\x00"sv, TextEncoding::utf16be), "a\xe2\x82\xac\xf0\x9f\x98\x80");
}

TEST(ToUtf8, HalfSurrogatesAndOddBytesAreNamed) {
  EXPECT_EQ(read("a\0b"sv, TextEncoding::utf16le), "!UTF-16 with an odd byte at its end");
  EXPECT_EQ(read("a\0\x3d\xd8"sv, TextEncoding::utf16le), "!byte 3: half a surrogate pair");
  EXPECT_EQ(read("\x3d\xd8"
                 "a\0"sv,
                 TextEncoding::utf16le),
            "!byte 1: half a surrogate pair");
  EXPECT_EQ(read("\x00\xde"sv, TextEncoding::utf16le), "!byte 1: half a surrogate pair");
}

TEST(ToUtf8, Windows1252) {
  EXPECT_EQ(read("\xfc\x80\x9f", TextEncoding::windows1252), "\xc3\xbc\xe2\x82\xac\xc5\xb8");
  EXPECT_EQ(read("\0"sv, TextEncoding::windows1252), "\0"sv);
  EXPECT_EQ(read("ab\x81", TextEncoding::windows1252), "!byte 3: no character of windows-1252");
}

}  // namespace
}  // namespace parapet::lists
