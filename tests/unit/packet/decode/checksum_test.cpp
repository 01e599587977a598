// SPDX-License-Identifier: Apache-2.0
// The fast sum against the plain one, and what counts as a fitting checksum.
#include <gtest/gtest.h>

#include <random>

#include "frames.h"
#include "packet/decode/decode.h"
#include "packet/decode/internet_checksum.h"

namespace parapet::packet {
namespace {

using namespace frames;

TEST(InternetSum, AgreesWithThePlainSumAtEveryLengthAndAlignment) {
  std::mt19937 random(1);
  Bytes pool(400);
  for (auto& byte : pool) byte = static_cast<std::uint8_t>(random());
  for (std::size_t offset = 0; offset < 8; ++offset) {
    for (std::size_t length = 0; length < 300; ++length) {
      const Bytes bytes(pool.begin() + static_cast<long>(offset), pool.begin() + static_cast<long>(offset + length));
      InternetSum sum;
      sum.add(ByteView{pool}.subspan(offset, length));
      ASSERT_EQ(sum.checksum(), plain_checksum(bytes)) << offset << " " << length;
    }
  }
}

TEST(InternetSum, AddsPiecesLikeTheWhole) {
  Bytes bytes(9216, 0xff);
  for (std::size_t i = 0; i < bytes.size(); i += 3) bytes[i] = static_cast<std::uint8_t>(i);
  InternetSum pieces;
  pieces.add(ByteView{bytes}.first(38));
  pieces.add(ByteView{bytes}.subspan(38, 1000));
  pieces.add(ByteView{bytes}.subspan(1038));
  EXPECT_EQ(pieces.checksum(), plain_checksum(bytes));
}

TEST(InternetSum, TakesNumbersInHostOrder) {
  InternetSum sum;
  sum.add_be16(0x1234);
  sum.add_be16(0xfff0);
  EXPECT_EQ(sum.checksum(), plain_checksum({0x12, 0x34, 0xff, 0xf0}));
}

TEST(ChecksumFits, AcceptsTcpAndUdpOverBothVersionsAtEveryPayloadLength) {
  for (std::size_t length = 0; length < 80; ++length) {
    const Bytes payload(length, static_cast<std::uint8_t>(length + 1));
    for (const Bytes& frame :
         {ethernet(0x0800, ipv4(kTcp, tcp(payload))), ethernet(0x0800, ipv4(kUdp, udp(payload))),
          ethernet(0x86dd, ipv6(kTcp, tcp(payload, false))), ethernet(0x86dd, ipv6(kUdp, udp(payload, false)))}) {
      ASSERT_TRUE(checksum_fits(frame, decode_packet(frame, LinkType::ethernet))) << length;
    }
  }
}

TEST(ChecksumFits, RefusesASingleFlippedBitAnywhereInTheSegment) {
  const Bytes good = ethernet(0x0800, ipv4(kTcp, tcp({'d', 'a', 't', 'a', '!'})));
  const Decoded decoded = decode_packet(good, LinkType::ethernet);
  for (std::size_t at = decoded.l4_offset; at < good.size(); ++at) {
    Bytes frame = good;
    frame[at] ^= 0x10;
    ASSERT_FALSE(checksum_fits(frame, decoded)) << at;
  }
}

TEST(ChecksumFits, AcceptsAUdpChecksumOfZeroOverIpv4Alone) {
  Bytes v4 = ethernet(0x0800, ipv4(kUdp, udp({1, 2, 3})));
  put_checksum(v4, 14 + 20 + 6, 0);
  EXPECT_TRUE(checksum_fits(v4, decode_packet(v4, LinkType::ethernet)));
  Bytes v6 = ethernet(0x86dd, ipv6(kUdp, udp({1, 2, 3}, false)));
  put_checksum(v6, 14 + 40 + 6, 0);
  EXPECT_FALSE(checksum_fits(v6, decode_packet(v6, LinkType::ethernet)));
}

}  // namespace
}  // namespace parapet::packet
