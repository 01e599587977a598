// SPDX-License-Identifier: Apache-2.0
// Resets are what the other end would have sent, in whatever carriers.
#include "packet/act/reset.h"

#include <gtest/gtest.h>

#include "carrier_builder.h"
#include "packet_builder.h"

namespace parapet::packet {
namespace {

using namespace support;

Decoded decode(const Bytes& frame, LinkType link = LinkType::ethernet) { return decode_packet(frame, link); }

Bytes reset(const Encapsulation& before, const FlowAddresses& flow, ResetTo to, std::uint32_t seq, std::uint32_t ack) {
  Bytes out(kMaxResetLength);
  out.resize(build_reset(before, flow, to, seq, ack, 0, out));
  return out;
}

// As one end would send it; our resets have no window.
Bytes expected_reset(const Ends& ends, bool from_server, std::uint32_t seq, std::uint32_t ack, std::uint8_t flags) {
  PacketBuilder builder(ends);
  if (from_server) builder.from_server();
  Bytes frame = builder.hop_limit(64).tcp(seq, ack, flags);
  std::uint8_t* tcp = frame.data() + frame.size() - 20;
  const std::uint32_t sum = load_be16(tcp + 16) + load_be16(tcp + 14);
  store_be16(tcp + 14, 0);
  store_be16(tcp + 16, static_cast<std::uint16_t>((sum & 0xffff) + (sum >> 16)));
  return frame;
}

TEST(Reset, IsWhatTheOtherEndWouldHaveSent) {
  for (const Ends& ends : {Ends{}, Ends::v6()}) {
    const Bytes frame = PacketBuilder(ends).payload("request").tcp(100, 200, kTcpAck);
    const Decoded decoded = decode(frame);
    Encapsulation before;
    ASSERT_TRUE(copy_encapsulation(frame, decoded, before));
    EXPECT_EQ(reset(before, decoded.flow, ResetTo::receiver, 100, 0), expected_reset(ends, false, 100, 0, kTcpRst));
    turn_round(before);
    EXPECT_EQ(reset(before, decoded.flow, ResetTo::sender, 200, 107),
              expected_reset(ends, true, 200, 107, kTcpRst | kTcpAck));
  }
}

TEST(Reset, StandsInTheCarriersOfItsDirection) {
  for (const Ends& ends : {Ends{}, Ends::v6()}) {
    for (const NamedCarrier& carrier : all_carriers()) {
      const Bytes request =
          on_ethernet(carrier.put_in(carried(PacketBuilder(ends).payload("request").tcp(100, 200, kTcpAck))), {7, 8});
      const Bytes answer =
          on_ethernet(carrier.put_in(carried(PacketBuilder(ends).from_server().mss(9).tcp(1, 2, kTcpAck)), Way::down),
                      {7, 8}, Way::down);
      const Decoded decoded = decode(request);
      Encapsulation to_server, to_client;
      EXPECT_EQ(copy_encapsulation(request, decoded, to_server), !carrier.sequenced) << carrier.name;
      if (carrier.sequenced) continue;
      ASSERT_TRUE(copy_encapsulation(answer, decode(answer), to_client)) << carrier.name;
      const Bytes server_reset = expected_reset(ends, false, 100, 0, kTcpRst);
      EXPECT_EQ(reset(to_server, decoded.flow, ResetTo::receiver, 100, 0),
                on_ethernet(carrier.put_in(carried(server_reset)), {7, 8}))
          << carrier.name;
      const Bytes client_reset = expected_reset(ends, true, 200, 107, kTcpRst | kTcpAck);
      EXPECT_EQ(reset(to_client, decoded.flow, ResetTo::sender, 200, 107),
                on_ethernet(carrier.put_in(carried(client_reset), Way::down), {7, 8}, Way::down))
          << carrier.name;
    }
  }
}

TEST(Reset, IsNotPutWhereNoFrameOfOursCanGo) {
  const Bytes frame = PacketBuilder(Ends{}).payload("x").tcp(1, 2, kTcpAck);
  const Bytes ip(frame.begin() + 14, frame.end());
  Encapsulation before;
  EXPECT_TRUE(copy_encapsulation(ip, decode(ip, LinkType::raw_ip), before));
  EXPECT_FALSE(copy_encapsulation(ip, decode(ip, LinkType::whole_datagram), before));
  Bytes cooked(14);
  append_be16(cooked, 0x0800);
  append(cooked, ip);
  EXPECT_FALSE(copy_encapsulation(cooked, decode(cooked, LinkType::linux_sll), before));
  const Bytes long_one =
      on_ethernet(labelled(in_vxlan(ip_in_ip(carried(frame), true, Way::up), 1, {4789, true, true}), 32));
  const Decoded decoded = decode(long_one);
  ASSERT_EQ(decoded.outcome, DecodeOutcome::tcp);
  ASSERT_GT(decoded.ip_offset, kMaxEncapsulation);
  EXPECT_FALSE(copy_encapsulation(long_one, decoded, before));
}

TEST(Reset, NeedsItsWholeRoom) {
  const Bytes frame = PacketBuilder(Ends{}).payload("x").tcp(1, 2, kTcpAck);
  const Decoded decoded = decode(frame);
  Encapsulation before;
  ASSERT_TRUE(copy_encapsulation(frame, decoded, before));
  Bytes out(54);
  EXPECT_EQ(build_reset(before, decoded.flow, ResetTo::sender, 1, 2, 3, MutableBytes{out}.first(53)), 0u);
  EXPECT_EQ(build_reset(before, decoded.flow, ResetTo::sender, 1, 2, 3, out), 54u);
}

}  // namespace
}  // namespace parapet::packet
