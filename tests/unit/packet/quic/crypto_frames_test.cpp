// SPDX-License-Identifier: Apache-2.0
// Walking the frames of an Initial.
#include "packet/quic/crypto_frames.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "quic_builder.h"

namespace parapet::packet {
namespace {

using support::Bytes;

Bytes crypto(std::uint64_t offset, std::string_view text, unsigned width = 0) {
  Bytes frame{6};
  support::append_varint(frame, offset, width);
  support::append_varint(frame, text.size(), width);
  support::append(frame, text);
  return frame;
}

// "0:abc 3:def"
std::string walk(const Bytes& payload) {
  std::string seen;
  CryptoFrames frames(payload);
  for (CryptoFrame frame; frames.next(frame);) {
    seen += std::to_string(frame.offset) + ':' + support::to_text(frame.bytes) + ' ';
  }
  return seen;
}

Bytes joined(const std::vector<Bytes>& parts) {
  Bytes all;
  for (const Bytes& part : parts) support::append(all, part);
  return all;
}

TEST(CryptoFrames, AreFoundAmongAllThatAnInitialMayHold) {
  const Bytes ack{2, 9, 0x40, 77, 2, 0, 1, 1, 2, 2}, ack_with_counts{3, 9, 1, 0, 0, 1, 2, 3};
  const Bytes close{0x1c, 0, 6, 2, 'n', 'o'};
  EXPECT_EQ(walk(joined({{0, 0, 1}, crypto(5, "b"), ack, crypto(0, "a"), ack_with_counts, close, {1}, crypto(9, "")})),
            "5:b 0:a 9: ");
}

TEST(CryptoFrames, NumbersMayBeWiderThanNeeded) {
  for (const unsigned width : {1U, 2U, 4U, 8U}) EXPECT_EQ(walk(crypto(7, "abc", width)), "7:abc ") << width;
  EXPECT_EQ(walk({0x40, 6, 0, 1, 'x'}), "0:x ") << "the frame's type, too";
  EXPECT_EQ(walk({0x40, 0, 6, 0, 1, 'x'}), "0:x ") << "and padding's";
}

TEST(CryptoFrames, WhatNoInitialMayHoldEndsTheWalk) {
  for (const std::uint8_t type : Bytes{4, 5, 7, 8, 0x10, 0x18, 0x1d, 0x1e, 0x30}) {
    EXPECT_EQ(walk(joined({crypto(0, "a"), {type, 0, 0, 0, 0}, crypto(1, "b")})), "0:a ") << int{type};
  }
}

TEST(CryptoFrames, ABrokenFrameEndsTheWalk) {
  EXPECT_EQ(walk(joined({crypto(0, "a"), {6, 1, 9, 'x'}})), "0:a ") << "longer than the payload";
  EXPECT_EQ(walk(joined({crypto(0, "a"), {2, 9, 0, 0x3f, 0, 0}})), "0:a ") << "more ranges than there are";
  EXPECT_EQ(walk(joined({crypto(0, "a"), {0x1c, 0, 0, 9, 'x'}})), "0:a ");
  EXPECT_EQ(walk(joined({crypto(0, "a"), {6}})), "0:a ");
  EXPECT_EQ(walk(joined({crypto(0, "a"), {6, 0xff, 0xff}})), "0:a ");
  EXPECT_EQ(walk({}), "");
}

TEST(CryptoFrames, TheLargestOffsetIsRead) {
  const std::uint64_t largest = (std::uint64_t{1} << 62) - 1;
  EXPECT_EQ(walk(crypto(largest, "z")), std::to_string(largest) + ":z ");
}

}  // namespace
}  // namespace parapet::packet
