// SPDX-License-Identifier: Apache-2.0
// Both directions of a stream belong to one worker.
#include <map>

#include "quic_rig.h"

namespace parapet::packet {
namespace {

WorkerIndex owner(const Steering& steering, Bytes bytes, Side side, Realm realm = {}) {
  return steering.owner_of({bytes.data(), static_cast<std::uint32_t>(bytes.size()), side, realm, LinkType::ethernet},
                           {7});
}

TEST(Steering, BothDirectionsGoToOneWorkerAndStreamsAreSpread) {
  const Steering steering({1, 2}, 4);
  std::map<std::uint16_t, int> streams;
  for (std::uint16_t port = 1; port <= 1000; ++port) {
    for (Ends ends : {Ends{}, Ends::v6()}) {
      ends.client_port = port;
      const WorkerIndex one = owner(steering, PacketBuilder(ends).tcp(1, 2, kTcpAck), Side::subscriber);
      ASSERT_EQ(one, owner(steering, PacketBuilder(ends).from_server().tcp(1, 2, kTcpAck), Side::transit));
      ASSERT_LT(one.value, 4);
      ++streams[one.value];
    }
  }
  for (const auto& [worker, count] : streams) EXPECT_NEAR(count, 500, 100) << worker;
}

TEST(Steering, AnotherKeyOrRealmGivesAnotherSpread) {
  const Steering steering({1, 2}, 64), other({1, 3}, 64);
  int same_key = 0, same_realm = 0;
  for (std::uint16_t port = 1; port <= 640; ++port) {
    Ends ends;
    ends.client_port = port;
    const Bytes frame = PacketBuilder(ends).tcp(1, 2, kTcpAck);
    const WorkerIndex one = owner(steering, frame, Side::subscriber);
    same_key += one == owner(other, frame, Side::subscriber);
    same_realm += one == owner(steering, frame, Side::subscriber, {9});
  }
  EXPECT_LT(same_key, 40);
  EXPECT_LT(same_realm, 40);
}

TEST(Steering, WhatMayBeAnInitialGoesToOneWorkerWhereverItCameIn) {
  const Steering steering({1, 2}, 4);
  std::map<std::uint16_t, int> flows;
  for (std::uint16_t port = 1; port <= 400; ++port) {
    const Bytes initial = QuicInitial(support::quic_id(port)).ping().padded_to(100).seal();
    const WorkerIndex one = owner(steering, PacketBuilder(quic_ends(port)).payload(initial).udp(), Side::subscriber);
    const Bytes later = support::quic_opaque_packet(QuicType::zero_rtt, support::quic_id(9), 90);
    ASSERT_EQ(one, owner(steering, PacketBuilder(quic_ends(port)).payload(later).udp(), Side::subscriber));
    ASSERT_LT(one.value, 4);
    ++flows[one.value];
  }
  for (const auto& [worker, count] : flows) EXPECT_NEAR(count, 100, 40) << worker;
}

TEST(Steering, FramesWithoutAStreamStay) {
  const Steering steering({1, 2}, 4);
  EXPECT_EQ(owner(steering, Bytes(60), Side::transit).value, 7);
  EXPECT_EQ(owner(steering, PacketBuilder(Ends{}).payload("x").udp(), Side::subscriber).value, 7);
}

}  // namespace
}  // namespace parapet::packet
