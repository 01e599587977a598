// SPDX-License-Identifier: Apache-2.0
// Requests in carriers are stopped and passed like those of plain frames; what is not followed passes and is counted.
#include <algorithm>
#include <functional>

#include "carrier_builder.h"
#include "rig.h"

namespace parapet::packet {
namespace {

using namespace support;

Sent in(const NamedCarrier& carrier, const Sent& sent) {
  const Way way = way_of(sent.side);
  return {on_ethernet(carrier.put_in(carried(sent.bytes), way), {}, way), sent.side};
}

TEST(CarriersInThePipeline, RequestsAreStoppedAndPassedLikeThoseOfPlainFrames) {
  for (const NamedCarrier& carrier : all_carriers()) {
    for (const Ends& ends : {Ends{}, Ends::v6()}) {
      Rig rig{"host:" + kListed};
      TcpConversation listed(ends), other({ends.client, ends.server, 50000, 80});
      for (const TcpConversation& talk : {listed, other}) {
        for (const Sent& sent : talk.handshake()) EXPECT_TRUE(rig.send(in(carrier, sent)).forwarded());
      }
      const std::string request = get(kListed);
      EXPECT_TRUE(rig.send(in(carrier, listed.data(0, request.substr(0, 10)))).forwarded());
      const Seen seen = rig.send(in(carrier, listed.data(10, request.substr(10))));
      EXPECT_EQ(seen.fate.reason, FrameReason::drop_listed) << carrier.name;
      EXPECT_TRUE(seen.fate.wipe);
      const Sent benign = in(carrier, other.data(0, get(kOther)));
      const Seen passed = rig.send(benign);
      EXPECT_EQ(passed.fate.reason, FrameReason::pass_unlisted) << carrier.name;
      EXPECT_EQ(passed.bytes, benign.bytes);
      EXPECT_EQ(rig.uninspected(), 0u) << carrier.name;
    }
  }
}

TEST(CarriersInThePipeline, AStreamMayChangeItsCarrierOnTheWay) {
  Rig rig{"host:" + kListed};
  const TcpConversation talk;
  rig.shake_hands(talk);
  const std::string request = get(kListed);
  std::size_t at = 0;
  for (const NamedCarrier& carrier : all_carriers()) {
    EXPECT_TRUE(rig.send(in(carrier, talk.data(at, request.substr(at, 2)))).forwarded());
    at += 2;
  }
  EXPECT_EQ(rig.send(talk.data(at, request.substr(at))).fate.reason, FrameReason::drop_listed);
}

TEST(CarriersInThePipeline, DeeperOnesThanTheLimitPassAndAreCounted) {
  PipelineOptions options = Rig::small();
  options.limits.encapsulation_depth = 1;
  Rig rig({{"tiny", snapshot::ListState::enforce, {"host:" + kListed}}}, options);
  const TcpConversation talk;
  const Carried once = pppoe(carried(talk.data(0, get(kListed)).bytes));
  EXPECT_EQ(rig.send({on_ethernet(once), Side::subscriber}).fate.reason, FrameReason::drop_listed);
  const Bytes twice = on_ethernet(in_vxlan(once));
  const Seen seen = rig.send({twice, Side::subscriber});
  EXPECT_EQ(seen.fate.reason, FrameReason::pass_uninspected);
  EXPECT_EQ(seen.bytes, twice);
  EXPECT_EQ(rig.uninspected(UninspectedReason::encapsulation_depth), 1u);
  EXPECT_EQ(rig.send({twice, Side::transit}).fate.reason, FrameReason::pass_from_transit);
  EXPECT_EQ(rig.uninspected(), 1u) << "the subscriber's alone";
}

// From the client and from the server the carriers differ in what the builder turns round; a TEID too.
Sent in_tunnel(const Sent& sent, std::uint8_t teid) {
  const Way way = way_of(sent.side);
  Carried packet = in_gtp_u(carried(sent.bytes), 0, {}, {2152}, way);
  packet.bytes[20 + 8 + 7] = teid;
  return {on_ethernet(packet, {9}, way), sent.side};
}

TEST(CarriersInThePipeline, ResetsStandInTheCarriersOfTheirDirection) {
  Rig rig{"host:" + kListed};
  const TcpConversation talk;
  for (const Sent& sent : talk.handshake()) rig.send(in_tunnel(sent, sent.side == Side::transit ? 5 : 6));
  const Seen seen = rig.send(in_tunnel(talk.data(0, get(kListed)), 6));
  EXPECT_EQ(seen.fate.reason, FrameReason::drop_listed);
  ASSERT_EQ(seen.injections.size(), 2u);
  for (const Injection& injection : seen.injections) {
    const bool to_client = injection.out == Side::subscriber;
    const ByteView bytes = ByteView{injection.bytes}.first(injection.length);
    const Decoded decoded = decode(injection);
    ASSERT_EQ(decoded.outcome, DecodeOutcome::tcp);
    EXPECT_EQ(decoded.carriers, 1);
    EXPECT_EQ(decoded.tags.vlans[0], 9);
    EXPECT_TRUE(checksum_fits(bytes, decoded));
    EXPECT_EQ(bytes[18 + 20 + 8 + 7], to_client ? 5 : 6) << "the TEID";
    EXPECT_EQ(bytes[18 + 19], to_client ? 1 : 2) << "the tunnel's far end";
    EXPECT_EQ(bytes[5], to_client ? 1 : 2) << "and the next hop";
  }
}

TEST(CarriersInThePipeline, WithoutTheCarriersOfTheWayBackThereAreNoResets) {
  Rig rig{"host:" + kListed};
  const TcpConversation talk;
  rig.shake_hands(talk);  // came plain
  const Seen seen = rig.send(in_tunnel(talk.data(0, get(kListed)), 6));
  EXPECT_EQ(seen.fate.reason, FrameReason::drop_listed);
  EXPECT_TRUE(seen.injections.empty());
  EXPECT_EQ(rig.actions(ActionKind::reset_withheld), 1u);

  const NamedCarrier& pptp = *std::ranges::find(all_carriers(), "pptp", &NamedCarrier::name);
  const TcpConversation numbered({"192.0.2.10", "198.51.100.20", 40001, 80});
  for (const Sent& sent : numbered.handshake()) rig.send(in(pptp, sent));
  EXPECT_TRUE(rig.send(in(pptp, numbered.data(0, get(kListed)))).injections.empty()) << "its packets are numbered";
  EXPECT_EQ(rig.actions(ActionKind::reset_withheld), 2u);
}

TEST(CarriersInThePipeline, ASegmentInThemIsCutAndRewrittenLikeAPlainOne) {
  for (const NamedCarrier& carrier : all_carriers()) {
    Rig rig{"host:" + kListed};
    const TcpConversation talk;
    const std::string benign = get(kOther);
    for (const Sent& sent : talk.handshake()) rig.send(in(carrier, sent));
    const Seen cut = rig.send(in(carrier, talk.data(0, benign + get(kListed))));
    EXPECT_EQ(cut.fate.reason, FrameReason::pass_cut) << carrier.name;
    Receiver receiver(talk.seq(0));
    receiver.take(cut.bytes);
    EXPECT_EQ(receiver.stream(), benign) << carrier.name;

    const TcpConversation second({"192.0.2.10", "198.51.100.20", 40001, 80});
    for (const Sent& sent : second.handshake()) rig.send(in(carrier, sent));
    rig.send(in(carrier, second.data(0, benign.substr(0, 10))));
    const Seen again = rig.send(in(carrier, second.data(0, std::string(10, 'x') + benign.substr(10))));
    EXPECT_EQ(again.bytes, in(carrier, second.data(0, benign)).bytes) << carrier.name;
    EXPECT_EQ(rig.actions(ActionKind::rewritten_retransmission), 1u);
  }
}

// Behind the IPv6 header of a segment.
Sent with_extensions(const Sent& sent, std::uint8_t first, const Bytes& headers) {
  Bytes frame = sent.bytes;
  frame[14 + 6] = first;
  store_be16(frame.data() + 14 + 4, static_cast<std::uint16_t>(load_be16(frame.data() + 14 + 4) + headers.size()));
  frame.insert(frame.begin() + 14 + 40, headers.begin(), headers.end());
  return {frame, sent.side};
}

TEST(CarriersInThePipeline, LongExtensionChainsPassAndAreCountedAndASecondHopByHopIsDropped) {
  Rig rig{"host:" + kListed};
  const TcpConversation talk(Ends::v6());
  const Sent listed = talk.data(0, get(kListed));
  const auto chain = [](std::size_t headers, std::uint8_t kind) {
    Bytes bytes;
    for (std::size_t i = 1; i <= headers; ++i) {
      append(bytes, Bytes{i == headers ? std::uint8_t{6} : kind, 0, 1, 4, 0, 0, 0, 0});
    }
    return bytes;
  };
  EXPECT_EQ(rig.send(with_extensions(listed, 60, chain(8, 60))).fate.reason, FrameReason::drop_listed);
  EXPECT_EQ(rig.send(with_extensions(listed, 60, chain(9, 60))).fate.reason, FrameReason::pass_uninspected);
  EXPECT_EQ(rig.uninspected(UninspectedReason::extension_headers), 1u);
  EXPECT_EQ(rig.send(with_extensions(listed, 0, chain(2, 0))).fate.reason, FrameReason::drop_invalid_headers);
  EXPECT_EQ(rig.uninspected(), 1u);
}

TEST(CarriersInThePipeline, EqualAddressesOfOtherVlansOrNetworksAreOtherStreamsWhereARealmSaysSo) {
  const auto in_vlans = [](const Sent& sent, std::uint16_t inner) {
    return Sent{on_ethernet(carried(sent.bytes), {200, inner}, way_of(sent.side)), sent.side};
  };
  const auto in_network = [](const Sent& sent, std::uint32_t vni) {
    return Sent{on_ethernet(in_vxlan(carried(sent.bytes), vni, {4789}, way_of(sent.side)), {}, way_of(sent.side)),
                sent.side};
  };
  PipelineOptions options = Rig::small();
  options.realms.rules[0] = {{}, {{200, 101}, 2}, kNoVni, {1}};
  options.realms.rules[1] = {{}, {}, 77, {2}};
  options.realms.rules[2] = {{1}, {}, kNoVni, {3}};  // of another pair
  options.realms.count = 3;
  const std::string request = get(kListed);
  const TcpConversation talk;
  for (const bool with_rules : {false, true}) {
    const auto is_stopped = [&](const std::function<Sent(const Sent&)>& there) {
      Rig rig({{"tiny", snapshot::ListState::enforce, {"host:" + kListed}}}, with_rules ? options : Rig::small());
      for (const Sent& sent : talk.handshake()) rig.send(in_vlans(sent, 100));
      rig.send(in_vlans(talk.data(0, request.substr(0, 20)), 100));
      return !rig.send(there(talk.data(20, request.substr(20)))).forwarded();
    };
    EXPECT_TRUE(is_stopped([&](const Sent& sent) { return in_vlans(sent, 100); }));
    EXPECT_TRUE(is_stopped([&](const Sent& sent) { return in_vlans(sent, 102); }));
    EXPECT_EQ(is_stopped([&](const Sent& sent) { return in_vlans(sent, 101); }), !with_rules);
    EXPECT_TRUE(is_stopped([&](const Sent& sent) { return in_network(sent, 78); }));
    EXPECT_EQ(is_stopped([&](const Sent& sent) { return in_network(sent, 77); }), !with_rules);
  }
  const Steering steering({1, 2}, 64, options.realms);
  int same = 0;
  for (int n = 1; n <= 64; ++n) {
    const TcpConversation other({"192.0.2." + std::to_string(n), "198.51.100.20", 40000, 80});
    const auto owner = [&](Sent sent) {
      return steering.owner_of(
          {sent.bytes.data(), static_cast<std::uint32_t>(sent.bytes.size()), sent.side, {}, LinkType::ethernet}, {99});
    };
    EXPECT_EQ(owner(in_vlans(other.syn(), 100)), owner(in_vlans(other.syn_ack(), 102)));
    EXPECT_EQ(owner(in_vlans(other.syn(), 101)), owner(in_vlans(other.syn_ack(), 101)));
    same += owner(in_vlans(other.syn(), 100)) == owner(in_vlans(other.syn(), 101));
  }
  EXPECT_LT(same, 8);
}

TEST(CarriersInThePipeline, WhatAnAuthenticationHeaderCoversIsDroppedWhole) {
  Rig rig{"host:" + kListed};
  const TcpConversation talk(Ends::v6());
  rig.shake_hands(talk);
  Bytes authentication{6, 4, 0, 0};
  authentication.resize(24);
  const Sent sealed = with_extensions(talk.data(0, get(kOther) + get(kListed)), 51, authentication);
  const Seen seen = rig.send(sealed);
  EXPECT_EQ(seen.fate.reason, FrameReason::drop_listed);
  EXPECT_TRUE(seen.injections.empty());
  EXPECT_EQ(rig.actions(ActionKind::reset_withheld), 1u);
}

}  // namespace
}  // namespace parapet::packet
