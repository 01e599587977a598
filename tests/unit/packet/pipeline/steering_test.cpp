// SPDX-License-Identifier: Apache-2.0
// What goes on between two addresses belongs to one worker.
#include <map>

#include "carrier_builder.h"
#include "fragment_builder.h"
#include "quic_rig.h"

namespace parapet::packet {
namespace {

WorkerIndex owner(const Steering& steering, Bytes bytes, Side side, Realm realm = {}) {
  return steering.owner_of({bytes.data(), static_cast<std::uint32_t>(bytes.size()), side, realm, LinkType::ethernet},
                           {7});
}

// Clients of a network; the ports say nothing.
Ends nth(int n, bool v4) {
  if (v4) return {"192.0.2." + std::to_string(n % 250), "198.51.100." + std::to_string(n / 250), 40000, 80};
  return {"2001:db8::" + std::to_string(n), "2001:db8:1::20", 40000, 443};
}

TEST(Steering, BothDirectionsGoToOneWorkerAndEndsAreSpread) {
  const Steering steering({1, 2}, 4);
  std::map<std::uint16_t, int> ends_of;
  for (int n = 1; n <= 1000; ++n) {
    for (const bool v4 : {true, false}) {
      const Ends ends = nth(n, v4);
      const WorkerIndex one = owner(steering, PacketBuilder(ends).tcp(1, 2, kTcpAck), Side::subscriber);
      ASSERT_EQ(one, owner(steering, PacketBuilder(ends).from_server().tcp(1, 2, kTcpAck), Side::transit));
      ASSERT_LT(one.value, 4);
      ++ends_of[one.value];
    }
  }
  EXPECT_EQ(ends_of.size(), 4u);
  for (const auto& [worker, count] : ends_of) EXPECT_NEAR(count, 500, 100) << worker;
}

TEST(Steering, AllThatGoesOnBetweenTwoAddressesHasOneOwner) {
  const Steering steering({1, 2}, 64);
  for (const Ends& ends : {Ends{}, Ends::v6()}) {
    Ends other_ports = ends;
    other_ports.client_port = 1;
    other_ports.server_port = 443;
    Bytes initial(1200);
    initial[0] = 0xc0;
    initial[4] = 1;
    const Bytes whole = PacketBuilder(ends).payload("some bytes to be cut in two").tcp(1, 2, kTcpAck);
    const WorkerIndex one = owner(steering, whole, Side::subscriber);
    EXPECT_EQ(owner(steering, PacketBuilder(other_ports).payload(initial).udp(), Side::subscriber), one)
        << "a datagram that may be of QUIC's hello";
    for (const Sent& part : support::fragments({whole, Side::subscriber}, {32})) {
      EXPECT_EQ(owner(steering, part.bytes, Side::subscriber), one);
    }
    for (const support::NamedCarrier& carrier : support::all_carriers()) {
      EXPECT_EQ(owner(steering, support::on_ethernet(carrier.put_in(support::carried(whole))), Side::subscriber), one)
          << carrier.name;
    }
  }
}

TEST(Steering, AnotherKeyOrRealmGivesAnotherSpread) {
  const Steering steering({1, 2}, 64), other({1, 3}, 64);
  int same_key = 0, same_realm = 0;
  for (int n = 1; n <= 640; ++n) {
    const Bytes frame = PacketBuilder(nth(n, true)).tcp(1, 2, kTcpAck);
    const WorkerIndex one = owner(steering, frame, Side::subscriber);
    same_key += one == owner(other, frame, Side::subscriber);
    same_realm += one == owner(steering, frame, Side::subscriber, {9});
  }
  EXPECT_LT(same_key, 40);
  EXPECT_LT(same_realm, 40);
}

TEST(Steering, WhatMayBeOfQuicsHelloGoesToOneWorkerWhereverItCameIn) {
  const Steering steering({1, 2}, 4);
  std::map<std::uint16_t, int> ends_of;
  for (int n = 1; n <= 400; ++n) {
    const Ends ends = nth(n, n % 2 == 0);
    const Bytes initial = QuicInitial(support::quic_id(n)).ping().padded_to(100).seal();
    const WorkerIndex one = owner(steering, PacketBuilder(ends).payload(initial).udp(), Side::subscriber);
    const Bytes later = support::quic_opaque_packet(QuicType::zero_rtt, support::quic_id(9), 90);
    ASSERT_EQ(one, owner(steering, PacketBuilder(ends).payload(later).udp(), Side::subscriber));
    ASSERT_LT(one.value, 4);
    ++ends_of[one.value];
  }
  for (const auto& [worker, count] : ends_of) EXPECT_NEAR(count, 100, 40) << worker;
}

TEST(Steering, FramesWithoutEndsStay) {
  const Steering steering({1, 2}, 4);
  EXPECT_EQ(owner(steering, Bytes(60), Side::transit).value, 7);
  EXPECT_EQ(owner(steering, PacketBuilder(Ends{}).payload("x").udp(), Side::subscriber).value, 7);
  Bytes icmp = PacketBuilder(Ends{}).payload("x").udp();
  icmp[14 + 9] = 1;
  EXPECT_EQ(owner(steering, icmp, Side::subscriber).value, 7);
}

}  // namespace
}  // namespace parapet::packet
