// SPDX-License-Identifier: Apache-2.0
// What the decoder finds in frames that are as they should be, and what it says of those that are not.
#include "packet/decode/decode.h"

#include <gtest/gtest.h>

#include <string>

#include "frames.h"

namespace parapet::packet {
namespace {

using namespace frames;

const Bytes kHello{'h', 'e', 'l', 'l', 'o'};

std::string payload_in(const Bytes& frame, const Decoded& decoded) {
  return {reinterpret_cast<const char*>(frame.data()) + decoded.payload_offset, decoded.payload_length};
}
Decoded decoded_of(const Bytes& frame, LinkType link = LinkType::ethernet) { return decode_packet(frame, link); }

TEST(Decode, ReadsTcpOverIpv4) {
  const Bytes frame = ethernet(0x0800, ipv4(kTcp, tcp(kHello)));
  const Decoded decoded = decoded_of(frame);
  ASSERT_EQ(decoded.outcome, DecodeOutcome::tcp);
  EXPECT_EQ(decoded.ip_offset, 14);
  EXPECT_EQ(decoded.l4_offset, 34);
  EXPECT_EQ(decoded.payload_offset, 54);
  EXPECT_EQ(payload_in(frame, decoded), "hello");
  EXPECT_TRUE(decoded.flow.is_ipv4);
  const std::array<std::uint8_t, 16> client{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 10};
  EXPECT_EQ(decoded.flow.source, client);
  EXPECT_EQ(decoded.flow.destination[15], 20);
  EXPECT_EQ(decoded.flow.source_port, 40000);
  EXPECT_EQ(decoded.flow.destination_port, 80);
  EXPECT_EQ(decoded.seq, 0x11223344U);
  EXPECT_EQ(decoded.ack, 0x55667788U);
  EXPECT_EQ(decoded.flags, kTcpPsh | kTcpAck);
  EXPECT_EQ(decoded.window, 0x2010);
  EXPECT_EQ(decoded.mss, 0);
}

TEST(Decode, ReadsUdpOverIpv6) {
  const Bytes frame = ethernet(0x86dd, ipv6(kUdp, udp(kHello, false)));
  const Decoded decoded = decoded_of(frame);
  ASSERT_EQ(decoded.outcome, DecodeOutcome::udp);
  EXPECT_EQ(payload_in(frame, decoded), "hello");
  EXPECT_FALSE(decoded.flow.is_ipv4);
  EXPECT_TRUE(std::equal(kClient6.begin(), kClient6.end(), decoded.flow.source.begin()));
  EXPECT_TRUE(std::equal(kServer6.begin(), kServer6.end(), decoded.flow.destination.begin()));
  EXPECT_EQ(decoded.flow.destination_port, 53);
}

TEST(Decode, LeavesTheTrailerOutByTheLengthOfIp) {
  for (const Bytes& ip : {ipv4(kTcp, tcp(kHello)), ipv4(kUdp, udp(kHello))}) {
    const Bytes frame = ethernet(0x0800, join({ip, Bytes(9, 0xee)}));
    const Decoded decoded = decoded_of(frame);
    EXPECT_EQ(payload_in(frame, decoded), "hello");
    EXPECT_TRUE(checksum_fits(frame, decoded));
  }
  const Bytes frame = ethernet(0x86dd, join({ipv6(kTcp, tcp(kHello, false)), Bytes(9, 0xee)}));
  EXPECT_EQ(payload_in(frame, decoded_of(frame)), "hello");
}

TEST(Decode, FollowsUpToFourTagsOfEitherKind) {
  Bytes inner = tag(0x0800, ipv4(kUdp, udp(kHello)));
  for (unsigned tags = 1; tags <= 4; ++tags) {
    const Bytes frame = ethernet(tags % 2 == 0 ? 0x88a8 : 0x8100, inner);
    const Decoded decoded = decoded_of(frame);
    ASSERT_EQ(decoded.outcome, DecodeOutcome::udp) << tags;
    EXPECT_EQ(decoded.ip_offset, 14 + 4 * tags);
    EXPECT_EQ(payload_in(frame, decoded), "hello");
    inner = tag(tags % 2 == 0 ? 0x88a8 : 0x8100, inner);
  }
  EXPECT_EQ(decoded_of(ethernet(0x8100, inner)).outcome, DecodeOutcome::not_ip);
}

TEST(Decode, SaysNotIpOfArpLldpAndLengthFieldFrames) {
  EXPECT_EQ(decoded_of(ethernet(0x0806, Bytes(46, 0))).outcome, DecodeOutcome::not_ip);
  EXPECT_EQ(decoded_of(ethernet(0x88cc, Bytes(46, 0))).outcome, DecodeOutcome::not_ip);
  EXPECT_EQ(decoded_of(ethernet(0x0026, Bytes(46, 0x42))).outcome, DecodeOutcome::not_ip);
}

TEST(Decode, ReadsBehindIpv4Options) {
  const Bytes frame = ethernet(0x0800, ipv4(kTcp, tcp(kHello), {0x94, 4, 0, 0, 1, 1, 1, 0}));
  const Decoded decoded = decoded_of(frame);
  ASSERT_EQ(decoded.outcome, DecodeOutcome::tcp);
  EXPECT_EQ(decoded.l4_offset, 14 + 28);
  EXPECT_EQ(payload_in(frame, decoded), "hello");
}

TEST(Decode, WalksExtensionHeadersOfIpv6) {
  const Bytes destination{kTcp, 0, 1, 4, 0, 0, 0, 0};
  const Bytes routing{60, 0, 4, 0, 0, 0, 0, 0};
  const Bytes hop_by_hop{43, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  const Bytes frame = ethernet(0x86dd, ipv6(0, join({hop_by_hop, routing, destination, tcp(kHello, false)})));
  const Decoded decoded = decoded_of(frame);
  ASSERT_EQ(decoded.outcome, DecodeOutcome::tcp);
  EXPECT_EQ(decoded.l4_offset, 14 + 40 + 32);
  EXPECT_EQ(payload_in(frame, decoded), "hello");
  EXPECT_TRUE(checksum_fits(frame, decoded));
}

TEST(Decode, WalksTheAuthenticationHeaderInItsOwnUnits) {
  const Bytes authentication = join({{kUdp, 4, 0, 0}, Bytes(20, 1)});
  const Bytes frame = ethernet(0x86dd, ipv6(51, join({authentication, udp(kHello, false)})));
  EXPECT_EQ(payload_in(frame, decoded_of(frame)), "hello");
}

TEST(Decode, BoundsTheExtensionChain) {
  const Bytes option{60, 0, 1, 4, 0, 0, 0, 0};
  Bytes chain = join({{kTcp, 0, 1, 4, 0, 0, 0, 0}, tcp(kHello, false)});
  for (int i = 0; i < 7; ++i) chain = join({option, chain});
  EXPECT_EQ(decoded_of(ethernet(0x86dd, ipv6(60, chain))).outcome, DecodeOutcome::tcp);
  EXPECT_EQ(decoded_of(ethernet(0x86dd, ipv6(60, join({option, chain})))).outcome, DecodeOutcome::long_chain);

  const Bytes filled = join({{60, 31}, Bytes(254, 0)}), last = join({{kTcp, 31}, Bytes(254, 0)});
  const Bytes segment = tcp(kHello, false);
  EXPECT_EQ(decoded_of(ethernet(0x86dd, ipv6(60, join({filled, last, segment})))).outcome, DecodeOutcome::tcp);
  EXPECT_EQ(decoded_of(ethernet(0x86dd, ipv6(60, join({option, filled, last, segment})))).outcome,
            DecodeOutcome::long_chain);
}

TEST(Decode, RefusesAHopByHopHeaderThatIsNotTheFirst) {
  const Bytes first{0, 0, 1, 4, 0, 0, 0, 0}, second{kTcp, 0, 1, 4, 0, 0, 0, 0};
  EXPECT_EQ(decoded_of(ethernet(0x86dd, ipv6(0, join({first, second, tcp(kHello, false)})))).outcome,
            DecodeOutcome::invalid_headers);
}

TEST(Decode, CallsFragmentsFragmentsAndReadsNoPorts) {
  for (const std::uint16_t field : std::initializer_list<std::uint16_t>{0x2000, 0x0001, 0x2005}) {
    const Decoded decoded = decoded_of(ethernet(0x0800, ipv4(kTcp, tcp(kHello), {}, field)));
    EXPECT_EQ(decoded.outcome, DecodeOutcome::fragment) << field;
    EXPECT_EQ(decoded.flow.source_port, 0);
    EXPECT_EQ(decoded.flow.source[15], 10);
  }
  EXPECT_EQ(decoded_of(ethernet(0x0800, ipv4(kTcp, tcp(kHello), {}, 0x4000))).outcome, DecodeOutcome::tcp);
  const Bytes more{kTcp, 0, 0, 1, 0, 0, 0, 9}, later{kTcp, 0, 0, 8, 0, 0, 0, 9};
  EXPECT_EQ(decoded_of(ethernet(0x86dd, ipv6(44, join({more, tcp(kHello, false)})))).outcome, DecodeOutcome::fragment);
  EXPECT_EQ(decoded_of(ethernet(0x86dd, ipv6(44, join({later, tcp(kHello, false)})))).outcome, DecodeOutcome::fragment);
}

TEST(Decode, TellsAFragmentsPlaceInItsDatagram) {
  const Decoded v4 = decoded_of(ethernet(0x0800, ipv4(kUdp, Bytes(24, 1), {1, 1, 1, 0}, 0x2003)));
  EXPECT_EQ(v4.fragment.identification, 1u);
  EXPECT_EQ(v4.fragment.offset, 24);
  EXPECT_EQ(v4.fragment.header_length, 24);
  EXPECT_EQ(v4.fragment.protocol, kUdp);
  EXPECT_TRUE(v4.fragment.more);
  EXPECT_EQ(v4.payload_offset, 14 + 24);
  EXPECT_EQ(v4.payload_length, 24u);
  const Bytes option{44, 0, 1, 4, 0, 0, 0, 0}, part{kTcp, 0, 0, 16, 0xab, 0xcd, 0, 9};
  const Decoded v6 = decoded_of(ethernet(0x86dd, ipv6(60, join({option, part, Bytes(5, 2)}))));
  ASSERT_EQ(v6.outcome, DecodeOutcome::fragment);
  EXPECT_EQ(v6.fragment.identification, 0xabcd0009u);
  EXPECT_EQ(v6.fragment.offset, 16);
  EXPECT_EQ(v6.fragment.header_length, 8);
  EXPECT_EQ(v6.fragment.protocol, kTcp);
  EXPECT_FALSE(v6.fragment.more);
  EXPECT_EQ(v6.payload_length, 5u);
}

TEST(Decode, ReadsAnAtomicFragmentAsAWholePacket) {
  const Bytes atomic{kTcp, 0, 0, 0, 0, 0, 0, 9};
  const Bytes frame = ethernet(0x86dd, ipv6(44, join({atomic, tcp(kHello, false)})));
  EXPECT_EQ(payload_in(frame, decoded_of(frame)), "hello");
}

TEST(Decode, SaysOtherProtocolOfIcmpAndNoNextHeader) {
  EXPECT_EQ(decoded_of(ethernet(0x0800, ipv4(1, Bytes(8, 0)))).outcome, DecodeOutcome::other_protocol);
  EXPECT_EQ(decoded_of(ethernet(0x0800, ipv4(50, Bytes(8, 0)))).outcome, DecodeOutcome::other_protocol);
  EXPECT_EQ(decoded_of(ethernet(0x86dd, ipv6(58, Bytes(8, 0)))).outcome, DecodeOutcome::other_protocol);
  EXPECT_EQ(decoded_of(ethernet(0x86dd, ipv6(59, {}))).outcome, DecodeOutcome::other_protocol);
}

TEST(Decode, RefusesAWrongIpv4HeaderChecksum) {
  Bytes frame = ethernet(0x0800, ipv4(kTcp, tcp(kHello)));
  frame[14 + 8] ^= 1;
  EXPECT_EQ(decoded_of(frame).outcome, DecodeOutcome::malformed);
}

TEST(Decode, ReadsTheMssOfASynAlone) {
  const Bytes options{1, 1, 4, 2, 2, 4, 0x05, 0xb4};
  EXPECT_EQ(decoded_of(ethernet(0x0800, ipv4(kTcp, tcp({}, true, kTcpSyn, options)))).mss, 1460);
  EXPECT_EQ(decoded_of(ethernet(0x0800, ipv4(kTcp, tcp({}, true, kTcpSyn | kTcpAck, options)))).mss, 1460);
  EXPECT_EQ(decoded_of(ethernet(0x0800, ipv4(kTcp, tcp({}, true, kTcpAck, options)))).mss, 0);
  EXPECT_EQ(decoded_of(ethernet(0x0800, ipv4(kTcp, tcp({}, true, kTcpSyn, {8, 0, 2, 4})))).mss, 0);
  EXPECT_EQ(decoded_of(ethernet(0x0800, ipv4(kTcp, tcp({}, true, kTcpSyn, {0, 2, 4, 1})))).mss, 0);
}

TEST(Decode, ReadsTheLinkTypesOfCaptures) {
  const Bytes v4 = ipv4(kUdp, udp(kHello)), v6 = ipv6(kUdp, udp(kHello, false));
  const auto outcome = [](const Bytes& head, const Bytes& ip, LinkType link) {
    const Bytes frame = join({head, ip});
    const Decoded decoded = decoded_of(frame, link);
    EXPECT_EQ(decoded.ip_offset, head.size());
    EXPECT_EQ(payload_in(frame, decoded), "hello");
    return decoded.outcome;
  };
  EXPECT_EQ(outcome({}, v4, LinkType::raw_ip), DecodeOutcome::udp);
  EXPECT_EQ(outcome({}, v6, LinkType::raw_ip), DecodeOutcome::udp);
  EXPECT_EQ(outcome(join({Bytes(14, 0), {0x08, 0x00}}), v4, LinkType::linux_sll), DecodeOutcome::udp);
  EXPECT_EQ(outcome(join({{0x86, 0xdd}, Bytes(18, 0)}), v6, LinkType::linux_sll2), DecodeOutcome::udp);
  EXPECT_EQ(outcome({2, 0, 0, 0}, v4, LinkType::null_loop), DecodeOutcome::udp);
  EXPECT_EQ(outcome({0, 0, 0, 2}, v4, LinkType::null_loop), DecodeOutcome::udp);
  for (const std::uint8_t family : Bytes{10, 24, 28, 30}) {
    EXPECT_EQ(outcome({0, 0, 0, family}, v6, LinkType::null_loop), DecodeOutcome::udp);
    EXPECT_EQ(outcome({family, 0, 0, 0}, v6, LinkType::null_loop), DecodeOutcome::udp);
  }
  EXPECT_EQ(decoded_of({0x50, 0, 0, 0}, LinkType::raw_ip).outcome, DecodeOutcome::not_ip);
  EXPECT_EQ(decoded_of({7, 0, 0, 0}, LinkType::null_loop).outcome, DecodeOutcome::not_ip);
}

}  // namespace
}  // namespace parapet::packet
