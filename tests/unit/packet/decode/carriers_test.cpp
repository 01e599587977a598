// SPDX-License-Identifier: Apache-2.0
// Each carrier, alone and stacked, gives the same packet as the plain frame; what cannot be read is said so.
#include <gtest/gtest.h>

#include <memory>
#include <random>

#include "carrier_builder.h"
#include "packet/decode/decode.h"

namespace parapet::packet {
namespace {

using namespace support;

Decoded decode(const Bytes& frame, unsigned depth = kMaxCarriers) {
  return decode_packet(frame, LinkType::ethernet, depth);
}
Bytes plain(const Ends& ends = {}) { return PacketBuilder(ends).payload("what is inside").tcp(7, 8, kTcpAck); }
std::string payload_of(const Bytes& frame, const Decoded& decoded) {
  return {reinterpret_cast<const char*>(frame.data()) + decoded.payload_offset, decoded.payload_length};
}

void expect_the_plain_packet(const Bytes& frame, const Ends& ends, unsigned carriers, const std::string& what) {
  const Decoded expected = decode(plain(ends)), decoded = decode(frame);
  ASSERT_EQ(decoded.outcome, DecodeOutcome::tcp) << what;
  EXPECT_EQ(payload_of(frame, decoded), "what is inside") << what;
  EXPECT_EQ(decoded.flow.source, expected.flow.source) << what;
  EXPECT_EQ(decoded.flow.destination, expected.flow.destination) << what;
  EXPECT_EQ(decoded.flow.source_port, expected.flow.source_port) << what;
  EXPECT_EQ(decoded.flow.is_ipv4, ends.is_ipv4()) << what;
  EXPECT_EQ(decoded.seq, 7u) << what;
  EXPECT_EQ(decoded.carriers, carriers) << what;
  EXPECT_TRUE(checksum_fits(frame, decoded)) << what;
}

TEST(Carriers, GiveThePacketThatThePlainFrameGives) {
  for (const Ends& ends : {Ends{}, Ends::v6()}) {
    for (const NamedCarrier& carrier : all_carriers()) {
      const Carried inside = carrier.put_in(carried(plain(ends)));
      const unsigned carriers = carrier.name == "gre with mpls" ? 2 : 1;
      expect_the_plain_packet(on_ethernet(inside), ends, carriers, carrier.name);
      expect_the_plain_packet(on_ethernet(inside, {200, 100}), ends, carriers, carrier.name + " behind tags");
      expect_the_plain_packet(on_ethernet(llc_snap(inside)), ends, carriers, carrier.name + " behind SNAP");
    }
  }
}

TEST(Carriers, AreReadInEveryOrderOfTwo) {
  for (const NamedCarrier& outer : all_carriers()) {
    for (const NamedCarrier& inner : all_carriers()) {
      const Carried once = inner.put_in(carried(plain()));
      const bool can_hold = once.type == 0x0800 || once.type == 0x86dd || outer.name.find("mpls") == std::string::npos;
      const bool takes_any_type =
          outer.name == "pseudowire" || outer.name.starts_with("vxlan") || outer.name == "gre with ethernet";
      if (!takes_any_type && !(can_hold && once.type != 0x8847 && once.type != 0x8864)) continue;
      const Bytes frame = on_ethernet(outer.put_in(once));
      const Decoded decoded = decode(frame);
      EXPECT_EQ(decoded.outcome, DecodeOutcome::tcp) << outer.name << " around " << inner.name;
      EXPECT_TRUE(checksum_fits(frame, decoded)) << outer.name << " around " << inner.name;
    }
  }
}

TEST(Carriers, CountAgainstTheDepthAndTagsDoNot) {
  Carried stack = carried(plain());
  for (unsigned carriers = 1; carriers <= 5; ++carriers) {
    stack = carriers % 2 == 0 ? in_vxlan(stack) : ip_in_ip(stack, false, Way::up);
    const Bytes frame = on_ethernet(stack, {1, 2, 3, 4});
    for (unsigned depth = 0; depth <= kMaxCarriers; ++depth) {
      EXPECT_EQ(decode(frame, depth).outcome, carriers <= depth ? DecodeOutcome::tcp : DecodeOutcome::too_deep)
          << carriers << " at " << depth;
    }
  }
}

TEST(Carriers, WithMoreLabelsOrExtensionsThanAnyoneSendsAreTooDeep) {
  for (const unsigned labels : {32u, 33u}) {
    EXPECT_EQ(decode(on_ethernet(labelled(carried(plain()), labels))).outcome,
              labels == 32 ? DecodeOutcome::tcp : DecodeOutcome::too_deep);
  }
  for (const unsigned extensions : {8u, 9u}) {
    Bytes optional{0, 0, 0, 0x85};
    for (unsigned i = 1; i <= extensions; ++i) {
      append(optional, Bytes{1, 0x10, 9, static_cast<std::uint8_t>(i == extensions ? 0 : 0x85)});
    }
    EXPECT_EQ(decode(on_ethernet(in_gtp_u(carried(plain()), 4, optional))).outcome,
              extensions == 8 ? DecodeOutcome::tcp : DecodeOutcome::too_deep);
  }
}

TEST(Carriers, OfLinkTypePppAreReadWithAndWithoutWhatMayBeLeftOut) {
  const Carried v4 = carried(plain()), v6 = carried(plain(Ends::v6()));
  const auto outcome = [](const Bytes& head, const Carried& inner, LinkType link = LinkType::ppp) {
    Bytes frame = head;
    append(frame, inner.bytes);
    const Decoded decoded = decode_packet(frame, link);
    EXPECT_EQ(payload_of(frame, decoded), "what is inside");
    return decoded.outcome;
  };
  EXPECT_EQ(outcome({0xff, 3, 0, 0x21}, v4), DecodeOutcome::tcp);
  EXPECT_EQ(outcome({0xff, 3, 0x57}, v6), DecodeOutcome::tcp);
  EXPECT_EQ(outcome({0, 0x57}, v6), DecodeOutcome::tcp);
  EXPECT_EQ(outcome({0x21}, v4), DecodeOutcome::tcp);
  EXPECT_EQ(outcome({0xff, 3, 2, 0x81}, labelled(v6, 2)), DecodeOutcome::tcp);
  EXPECT_EQ(outcome({0x0f, 0, 8, 0}, v4), DecodeOutcome::tcp);
  EXPECT_EQ(outcome({}, pppoe(v4), LinkType::pppoe), DecodeOutcome::tcp);
  EXPECT_EQ(decode_packet(Bytes{0xff, 3, 0xc0, 0x21, 1, 1, 0, 4}, LinkType::ppp).outcome, DecodeOutcome::not_ip);
}

TEST(Carriers, LeaveOutWhatStandsBehindTheirLength) {
  for (Carried inside : {pppoe(carried(plain())), llc_snap(carried(plain())), ip_in_ip(carried(plain()), true, Way::up),
                         in_gtp_u(carried(plain())), in_pptp(carried(plain()))}) {
    append(inside.bytes, Bytes(11, 0x45));
    const Bytes frame = on_ethernet(inside);
    EXPECT_EQ(payload_of(frame, decode(frame)), "what is inside");
  }
}

TEST(Carriers, ThatHoldNoIpAreNone) {
  const Carried arp{0x0806, Bytes(28, 0)};
  EXPECT_EQ(decode(on_ethernet(in_vxlan(arp))).outcome, DecodeOutcome::not_ip);
  EXPECT_EQ(decode(on_ethernet(pseudowire(arp, Way::up))).outcome, DecodeOutcome::not_ip);
  const Carried channel = labelled({0, {0x10, 0, 0, 0x21, 1, 2}}, 1);
  EXPECT_EQ(decode(on_ethernet(channel)).outcome, DecodeOutcome::not_ip);
  EXPECT_EQ(decode(on_ethernet({0x8863, Bytes{0x11, 9, 0, 0, 0, 0}})).outcome, DecodeOutcome::not_ip);
  EXPECT_EQ(decode(on_ethernet({0x0026, Bytes(46, 0x42)})).outcome, DecodeOutcome::not_ip) << "a bridge's hello";
  // Source routes of RFC 1701, flags nobody knows, a keep-alive, an unknown version.
  const Bytes ip = carried(plain()).bytes;
  for (const auto& [flags, low, type] : std::vector<std::tuple<std::uint8_t, std::uint8_t, std::uint16_t>>{
           {0x40, 0, 0x0800}, {0x08, 0, 0x0800}, {0, 0x10, 0x0800}, {0, 0, 0}, {0, 2, 0x0800}, {0x30, 1, 0x0800}}) {
    Bytes packet = gre(flags, type, ip);
    packet[1] = low;
    EXPECT_EQ(decode(on_ethernet(tunnelled(kIpGre, packet, false, Way::up))).outcome, DecodeOutcome::other_protocol)
        << int{flags} << " " << int{low} << " " << type;
  }
}

// Found by fuzzing: the length stands in the key, and four bytes are all of a header without one.
TEST(Carriers, OfPptpWithoutTheirKeyAreNoneAndReadNothingBehindTheFrame) {
  for (const std::uint8_t flags : {std::uint8_t{0}, std::uint8_t{0x10}}) {
    const Bytes header{flags, 1, 0x88, 0x0b};
    for (const bool six : {false, true}) {
      Bytes frame = on_ethernet(tunnelled(kIpGre, header, six, Way::up));
      frame.shrink_to_fit();
      EXPECT_NE(decode(frame).outcome, DecodeOutcome::tcp);
    }
  }
  EXPECT_EQ(decode(on_ethernet(tunnelled(kIpGre, {0, 1, 0x88, 0x0b}, true, Way::up))).outcome,
            DecodeOutcome::other_protocol);
}

TEST(Carriers, AreTakenForUdpWhereTheirFirstBytesAreNotTheirs) {
  const auto outcome = [](std::uint16_t port, Bytes payload) {
    payload.resize(40);
    return decode(on_ethernet(in_outer_udp({port, false, true}, payload))).outcome;
  };
  EXPECT_EQ(outcome(4789, {0x48}), DecodeOutcome::udp);
  EXPECT_EQ(outcome(4790, {0x08}), DecodeOutcome::udp);
  EXPECT_EQ(outcome(2152, {0x32, 1}), DecodeOutcome::udp) << "an echo request";
  EXPECT_EQ(outcome(2152, {0xc3, 255}), DecodeOutcome::udp);
  EXPECT_EQ(outcome(2152, {0x30, 255, 0, 32, 0, 0, 0, 1, 0x60}), DecodeOutcome::malformed);
}

TEST(Carriers, KeepTheTagsAndTheNetworkOfTheOutermost) {
  const Bytes frame = on_ethernet(in_vxlan(in_vxlan(carried(plain()), 0xabcdef), 77), {200, 100});
  const Decoded decoded = decode(frame);
  ASSERT_EQ(decoded.tags.count, 2);
  EXPECT_EQ(decoded.tags.vlans[0], 200);
  EXPECT_EQ(decoded.tags.vlans[1], 100);
  EXPECT_EQ(decoded.vni, 77u);
  EXPECT_EQ(decode(plain()).vni, kNoVni);
  EXPECT_EQ(decode(on_ethernet(pseudowire(tagged(carried(plain()), 0x8100, 5), Way::up))).tags.count, 0)
      << "those inside are the carrier's";
}

TEST(Carriers, SayWhatTheyAskOfWhoAltersThePacket) {
  for (const NamedCarrier& carrier : all_carriers()) {
    const Decoded decoded = decode(on_ethernet(carrier.put_in(carried(plain()))));
    const bool bare_labels = carrier.name == "mpls" || carrier.name == "five labels" || carrier.name == "pseudowire";
    EXPECT_EQ(decoded.marks.lengths, !bare_labels) << carrier.name;
    EXPECT_EQ(decoded.marks.sequenced, carrier.sequenced) << carrier.name;
    const bool has_checksum = carrier.name == "gre with checksum" || carrier.name == "gre with all" ||
                              carrier.name == "vxlan over ipv6" || carrier.name == "gtp-u with checksum" ||
                              carrier.name == "gtp-u with extensions";
    EXPECT_EQ(decoded.marks.checksums, has_checksum) << carrier.name;
    EXPECT_FALSE(decoded.marks.sealed) << carrier.name;
  }
  EXPECT_FALSE(decode(plain()).marks.lengths);
  EXPECT_TRUE(decode(on_ethernet(llc_snap(carried(plain())))).marks.lengths);
}

TEST(Carriers, WithAWrongChecksumAreNotBelieved) {
  for (const Carried& inside :
       {in_gre(carried(plain()), kGreChecksum), in_vxlan(carried(plain()), 1, {4789, true, true}),
        in_gtp_u(carried(plain()), 0, {}, {2152, false, true})}) {
    Bytes frame = on_ethernet(inside);
    const Decoded decoded = decode(frame);
    ASSERT_TRUE(checksum_fits(frame, decoded));
    frame[decoded.ip_offset + 1u] ^= 4;  // the inner header's type of service, which no checksum within covers
    store_be16(frame.data() + decoded.ip_offset + 10, 0);
    store_be16(frame.data() + decoded.ip_offset + 10,
               internet_checksum({ByteView{frame}.subspan(decoded.ip_offset, 20)}));
    frame[decoded.payload_offset] ^= 1;
    EXPECT_FALSE(checksum_fits(frame, decode(frame)));
    frame[decoded.payload_offset] ^= 1;
    frame[decoded.l4_offset + 14u] ^= 1;  // the window: now TCP's own is wrong
    EXPECT_FALSE(checksum_fits(frame, decode(frame)));
  }
}

TEST(Carriers, CutOrAlteredAnywhereNeverLeadOutOfTheFrame) {
  std::mt19937 random(3);
  std::size_t read = 0;
  const auto decode_exact = [&](const Bytes& bytes) {
    const std::unique_ptr<std::uint8_t[]> exact(new std::uint8_t[bytes.size()]);
    std::copy(bytes.begin(), bytes.end(), exact.get());
    const ByteView frame{exact.get(), bytes.size()};
    LayerTrail trail;
    const Decoded decoded = decode_packet(frame, LinkType::ethernet, kMaxCarriers, &trail);
    EXPECT_LE(trail.count, kMaxLayers);
    if (decoded.outcome != DecodeOutcome::tcp && decoded.outcome != DecodeOutcome::udp) return;
    ASSERT_LE(std::size_t{decoded.payload_offset} + decoded.payload_length, bytes.size());
    static_cast<void>(checksum_fits(frame, decoded));
    ++read;
  };
  for (const NamedCarrier& outer : all_carriers()) {
    for (const NamedCarrier& inner : all_carriers()) {
      const Bytes good = on_ethernet(outer.put_in(inner.put_in(carried(plain()))));
      for (std::size_t length = 0; length < good.size(); length += 1 + random() % 5) {
        decode_exact({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(length)});
      }
      for (int round = 0; round < 60; ++round) {
        Bytes frame = good;
        for (auto flips = 1 + random() % 3; flips > 0; --flips) {
          frame[random() % frame.size()] = static_cast<std::uint8_t>(random());
        }
        decode_exact(frame);
      }
    }
  }
  EXPECT_GT(read, 500u);
}

}  // namespace
}  // namespace parapet::packet
