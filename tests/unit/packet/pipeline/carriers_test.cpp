// SPDX-License-Identifier: Apache-2.0
// Requests in carriers are stopped and passed like those of plain frames; what is not followed passes and is counted.
#include "carrier_builder.h"
#include "rig.h"

namespace parapet::packet {
namespace {

using namespace support;

Sent in(const NamedCarrier& carrier, const Sent& sent) {
  const bool from_server = sent.side == Side::transit;
  return {on_ethernet(carrier.put_in(carried(sent.bytes, from_server))), sent.side};
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
  const Carried once = in_pppoe(carried(talk.data(0, get(kListed)).bytes));
  EXPECT_EQ(rig.send({on_ethernet(once), Side::subscriber}).fate.reason, FrameReason::drop_listed);
  const Bytes twice = on_ethernet(in_vxlan(once));
  const Seen seen = rig.send({twice, Side::subscriber});
  EXPECT_EQ(seen.fate.reason, FrameReason::pass_uninspected);
  EXPECT_EQ(seen.bytes, twice);
  EXPECT_EQ(rig.uninspected(UninspectedReason::encapsulation_depth), 1u);
  EXPECT_EQ(rig.send({twice, Side::transit}).fate.reason, FrameReason::pass_from_transit);
  EXPECT_EQ(rig.uninspected(), 1u) << "the subscriber's alone";
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

}  // namespace
}  // namespace parapet::packet
