// SPDX-License-Identifier: Apache-2.0
// Long headers of all versions and types, and what only looks like one.
#include "packet/quic/long_header.h"

#include <gtest/gtest.h>

#include "quic_builder.h"

namespace parapet::packet {
namespace {

using support::Bytes;
using support::QuicType;

const Bytes kId = support::quic_id(42);

HeaderOutcome read(const Bytes& bytes) {
  LongHeader header;
  return read_long_header(bytes, header);
}

TEST(LongHeader, TypesAreNumberedByTheVersion) {
  for (const std::uint32_t version : {support::kQuicV1, support::kQuicV2, support::kQuicDraft29}) {
    for (const auto& [sent, read] :
         {std::pair{QuicType::zero_rtt, LongPacket::zero_rtt}, std::pair{QuicType::handshake, LongPacket::handshake}}) {
      LongHeader header;
      const Bytes packet = support::quic_opaque_packet(sent, kId, 50, version);
      ASSERT_EQ(read_long_header(packet, header), HeaderOutcome::packet) << std::hex << version;
      EXPECT_EQ(header.type, read);
      EXPECT_EQ(header.length, packet.size());
      EXPECT_EQ(header.destination, ConnectionId::of(kId));
    }
    LongHeader header;
    const Bytes initial = support::QuicInitial(kId).version(version).token(300).ping().padded_to(500).seal();
    ASSERT_EQ(read_long_header(initial, header), HeaderOutcome::packet);
    EXPECT_EQ(header.type, LongPacket::initial);
    EXPECT_EQ(header.length, initial.size());
    Bytes retry = support::quic_long_header(QuicType::retry, version, kId, {}, 0);
    retry.resize(retry.size() + 40);
    ASSERT_EQ(read_long_header(retry, header), HeaderOutcome::packet);
    EXPECT_EQ(header.type, LongPacket::retry);
    EXPECT_EQ(header.length, retry.size()) << "it has no length of its own";
  }
}

TEST(LongHeader, ALengthBeyondTheDatagramIsNone) {
  Bytes packet = support::QuicInitial(kId).ping().padded_to(200).seal();
  packet.pop_back();
  EXPECT_EQ(read(packet), HeaderOutcome::none);
  packet = support::quic_long_header(QuicType::initial, 1, kId, {}, 0);
  support::append_varint(packet, 1000);  // a token that is not there
  EXPECT_EQ(read(packet), HeaderOutcome::none);
}

TEST(LongHeader, CutAnywhereItIsNone) {
  const Bytes packet = support::QuicInitial(kId).token(5).ping().seal();
  for (std::size_t length = 0; length < packet.size(); ++length) {
    EXPECT_EQ(read({packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(length)}), HeaderOutcome::none);
  }
}

TEST(LongHeader, OtherVersionsAreTellTaleAndReservedOnesAreNot) {
  const auto of = [](std::uint32_t version) {
    return read(support::quic_opaque_packet(QuicType::handshake, kId, 50, version));
  };
  for (const std::uint32_t version : {0x51303530U, 0xfaceb002U, 0xff00001cU, 0xff000023U, 2U}) {
    EXPECT_EQ(of(version), HeaderOutcome::unknown_version) << std::hex << version;
  }
  for (const std::uint32_t version : {0U, 0x1a2a3a4aU, 0xfafafafaU}) {
    EXPECT_EQ(of(version), HeaderOutcome::none) << std::hex << version;
  }
}

TEST(LongHeader, IdsLongerThanTheVersionAllowsAreNone) {
  EXPECT_EQ(read(support::quic_opaque_packet(QuicType::handshake, Bytes(20, 1), 50)), HeaderOutcome::packet);
  EXPECT_EQ(read(support::quic_opaque_packet(QuicType::handshake, Bytes(21, 1), 50)), HeaderOutcome::none);
  EXPECT_EQ(read(support::quic_opaque_packet(QuicType::handshake, {}, 50)), HeaderOutcome::packet);
}

TEST(LongHeader, TheCheapTestLetsNoHeaderThrough) {
  for (const std::uint32_t version : {1U, 0x6b3343cfU, 0xff00001dU, 0x51303530U}) {
    EXPECT_TRUE(has_long_form(support::quic_opaque_packet(QuicType::handshake, kId, 50, version)));
  }
  EXPECT_FALSE(has_long_form(Bytes{0x40, 0, 0, 0, 1, 8, 1, 2})) << "a short header";
  EXPECT_FALSE(has_long_form(Bytes{0xc0, 0, 0, 0, 1}));
  EXPECT_FALSE(has_long_form(Bytes{}));
}

}  // namespace
}  // namespace parapet::packet
