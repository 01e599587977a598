// SPDX-License-Identifier: Apache-2.0
// Truncated, contradictory and random frames: each has a named outcome and nothing is read outside of it.
#include <gtest/gtest.h>

#include <memory>
#include <random>

#include "frames.h"
#include "packet/decode/decode.h"

namespace parapet::packet {
namespace {

using namespace frames;

// Decodes a copy of exact size on the heap, so that the sanitizers see a byte too far, and checks what is promised of
// the offsets.
Decoded decode_exact(const Bytes& bytes, LinkType link) {
  const std::unique_ptr<std::uint8_t[]> exact(new std::uint8_t[bytes.size()]);
  std::copy(bytes.begin(), bytes.end(), exact.get());
  const ByteView frame{exact.get(), bytes.size()};
  const Decoded decoded = decode_packet(frame, link);
  if (decoded.outcome == DecodeOutcome::tcp || decoded.outcome == DecodeOutcome::udp) {
    EXPECT_LT(decoded.ip_offset, decoded.l4_offset);
    EXPECT_LT(decoded.l4_offset, decoded.payload_offset);
    EXPECT_LE(std::size_t{decoded.payload_offset} + decoded.payload_length, bytes.size());
    static_cast<void>(checksum_fits(frame, decoded));
  }
  return decoded;
}

TEST(HostileFrames, CutAnywhereAreMalformed) {
  for (const Bytes& frame : {ethernet(0x8100, tag(0x0800, ipv4(kTcp, tcp({1, 2, 3})))),
                             ethernet(0x86dd, ipv6(0, join({{kUdp, 0, 1, 4, 0, 0, 0, 0}, udp({1, 2}, false)})))}) {
    for (std::size_t length = 0; length < frame.size(); ++length) {
      const Bytes cut(frame.begin(), frame.begin() + static_cast<long>(length));
      EXPECT_EQ(decode_exact(cut, LinkType::ethernet).outcome, DecodeOutcome::malformed) << length;
    }
  }
}

TEST(HostileFrames, WithContradictingLengthsAreMalformed) {
  const auto outcome_of = [](Bytes ip, std::size_t at, std::uint8_t value) {
    ip[at] = value;
    if (ip[0] >> 4 == 4) {
      put_checksum(ip, 10, 0);
      const std::size_t header = std::min<std::size_t>(ip.size(), (ip[0] & 15U) * 4U);
      if (header >= 20) put_checksum(ip, 10, plain_checksum({ip.begin(), ip.begin() + static_cast<long>(header)}));
    }
    return decode_exact(ip, LinkType::raw_ip).outcome;
  };
  const Bytes v4 = ipv4(kTcp, tcp({1, 2, 3})), datagram = ipv4(kUdp, udp({1, 2, 3}));
  const Bytes v6 = ipv6(60, join({{kTcp, 0, 1, 4, 0, 0, 0, 0}, tcp({1, 2, 3}, false)}));
  EXPECT_EQ(outcome_of(v4, 0, 0x44), DecodeOutcome::malformed);   // a header of 16 bytes
  EXPECT_EQ(outcome_of(v4, 0, 0x4f), DecodeOutcome::malformed);   // a header longer than the packet
  EXPECT_EQ(outcome_of(v4, 3, 19), DecodeOutcome::malformed);     // a total below the header
  EXPECT_EQ(outcome_of(v4, 3, 44), DecodeOutcome::malformed);     // a total over the frame
  EXPECT_EQ(outcome_of(v4, 3, 39), DecodeOutcome::malformed);     // TCP's header does not fit
  EXPECT_EQ(outcome_of(v4, 32, 0x40), DecodeOutcome::malformed);  // data offset below 5
  EXPECT_EQ(outcome_of(v4, 32, 0x60), DecodeOutcome::malformed);  // data offset over the segment
  EXPECT_EQ(outcome_of(datagram, 25, 7), DecodeOutcome::malformed);
  EXPECT_EQ(outcome_of(datagram, 25, 12), DecodeOutcome::malformed);
  EXPECT_EQ(outcome_of(v6, 5, 255), DecodeOutcome::malformed);
  EXPECT_EQ(outcome_of(v6, 41, 200), DecodeOutcome::malformed);
  EXPECT_EQ(outcome_of(v6, 0, 0x50), DecodeOutcome::not_ip);
}

TEST(HostileFrames, OfRandomBytesNeverLeadOutOfTheFrame) {
  std::mt19937 random(20);
  const Bytes seeds[] = {
      ethernet(0x8100, tag(0x0800, ipv4(kTcp, tcp({1, 2, 3}, true, 2, {2, 4, 5, 180})))),
      ethernet(0x86dd, ipv6(60, join({{44, 0, 1, 4, 0, 0, 0, 0}, {kTcp, 0, 0, 0, 0, 0, 0, 1}, tcp({1, 2, 3}, false)}))),
      ethernet(0x0800, ipv4(kUdp, udp(Bytes(60, 3))))};
  std::size_t read = 0;
  for (int round = 0; round < 60000; ++round) {
    Bytes frame = seeds[round % 3];
    for (unsigned flips = random() % 4; flips > 0; --flips) {
      frame[random() % frame.size()] = static_cast<std::uint8_t>(random());
    }
    if (random() % 2 == 0) frame.resize(random() % (frame.size() + 1));
    const Decoded decoded = decode_exact(frame, static_cast<LinkType>(random() % 2 == 0 ? 0 : random() % kLinkTypes));
    if (decoded.outcome == DecodeOutcome::tcp || decoded.outcome == DecodeOutcome::udp) ++read;
  }
  EXPECT_GT(read, 1000U);
}

}  // namespace
}  // namespace parapet::packet
