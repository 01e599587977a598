// SPDX-License-Identifier: Apache-2.0
// Cut and rewritten segments are what a sender would have made.
#include "packet/act/segment_edit.h"

#include <gtest/gtest.h>

#include <random>

#include "packet/act/reset.h"
#include "packet_builder.h"

namespace parapet::packet {
namespace {

using support::Bytes;
using support::Ends;
using support::PacketBuilder;

TEST(SegmentEdit, ACutSegmentIsTheShorterOneItsSenderWouldHaveSent) {
  const std::string text = "the part before, and what is cut off";
  for (const Ends& ends : {Ends{}, Ends::v6()}) {
    for (std::uint32_t length = 0; length < text.size(); ++length) {
      const auto make = [&](std::string_view payload, std::uint8_t flags) {
        return PacketBuilder(ends)
            .tag(3)
            .payload(payload)
            .trailer(payload.size() == text.size() ? 6 : 0)
            .tcp(1, 2, flags);
      };
      Bytes frame = make(text, kTcpAck | kTcpPsh | kTcpFin);
      Decoded decoded = decode_packet(frame, LinkType::ethernet);
      const std::uint32_t cut = cut_segment(frame, decoded, length);
      const Bytes left(frame.begin() + cut, frame.end());
      EXPECT_EQ(left, Bytes(left.size())) << "what was cut off is wiped";
      frame.resize(cut);
      EXPECT_EQ(frame, make(text.substr(0, length), kTcpAck));
      EXPECT_EQ(decoded.payload_length, length);
    }
  }
}

TEST(SegmentEdit, ARepairedChecksumIsRightWhereItWasRight) {
  std::mt19937 engine(9);
  const auto random = [&engine] { return static_cast<std::uint32_t>(engine()); };
  for (int i = 0; i < 2000; ++i) {
    Bytes payload(1 + random() % 99);
    for (std::uint8_t& byte : payload)
      byte = random() % 3 == 0 ? 0xff : random() % 2 == 0 ? 0 : static_cast<std::uint8_t>(random());
    const bool bad = i % 10 == 0;
    PacketBuilder builder(i % 2 == 0 ? Ends{} : Ends::v6());
    if (bad) builder.bad_checksum();
    Bytes frame = builder.payload(payload).tcp(random(), random(), kTcpAck);
    const Decoded decoded = decode_packet(frame, LinkType::ethernet);
    const ChecksumRepair repair(frame, decoded);
    for (std::uint32_t at = 0; at < decoded.payload_length; ++at) {
      if (random() % 4 == 0) frame[decoded.payload_offset + at] = static_cast<std::uint8_t>(random());
    }
    repair.finish(frame);
    ASSERT_EQ(checksum_fits(frame, decoded), !bad) << i;
  }
}

TEST(Reset, IsNotMadeForLinksThatCarryNoFramesOfOurs) {
  const Bytes frame = PacketBuilder(Ends{}).payload("x").tcp(1, 2, kTcpAck);
  const Decoded decoded = decode_packet(frame, LinkType::ethernet);
  std::array<std::uint8_t, kMaxResetLength> out;
  EXPECT_EQ(build_reset(frame, LinkType::linux_sll, decoded, ResetTo::sender, 1, 2, 3, out), 0u);
  EXPECT_EQ(build_reset(frame, LinkType::ethernet, decoded, ResetTo::sender, 1, 2, 3, MutableBytes{out}.first(53)), 0u);
  EXPECT_EQ(build_reset(frame, LinkType::ethernet, decoded, ResetTo::sender, 1, 2, 3, MutableBytes{out}.first(54)),
            54u);
}

TEST(Reset, IsWhatTheOtherEndWouldHaveSent) {
  for (const Ends& ends : {Ends{}, Ends::v6()}) {
    const Bytes frame = PacketBuilder(ends).payload("request").tcp(100, 200, kTcpAck);
    const Decoded decoded = decode_packet(frame, LinkType::ethernet);
    std::array<std::uint8_t, kMaxResetLength> out;
    const std::size_t length = build_reset(frame, LinkType::ethernet, decoded, ResetTo::sender, 200, 107, 0, out);
    Bytes expected = PacketBuilder(ends).from_server().hop_limit(64).tcp(200, 107, kTcpRst | kTcpAck);
    const std::size_t tcp = expected.size() - 20;
    expected[tcp + 14] = expected[tcp + 15] = 0;  // no window
    Decoded made = decode_packet(ByteView{out}.first(length), LinkType::ethernet);
    EXPECT_TRUE(checksum_fits(ByteView{out}.first(length), made));
    expected[tcp + 16] = out[tcp + 16];
    expected[tcp + 17] = out[tcp + 17];
    EXPECT_EQ(Bytes(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(length)), expected);
  }
}

}  // namespace
}  // namespace parapet::packet
