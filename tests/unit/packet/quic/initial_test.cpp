// SPDX-License-Identifier: Apache-2.0
// Keys and protection of Initials against the standards' own examples, and against a client of another make.
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include "packet/quic/crypto_frames.h"
#include "packet/quic/initial_opener.h"
#include "quic_builder.h"

namespace parapet::packet {
namespace {

using support::Bytes;
using support::from_hex;
using support::QuicInitial;

const Bytes kExampleId = from_hex("8394c8f03e515708");

Bytes bytes_of_array(ByteView view) { return {view.begin(), view.end()}; }

// RFC 9001 §A.2: the CRYPTO frame of the example's hello.
const Bytes kExampleFrame = from_hex(
    "060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e86804fe3a47f06a2b69484c00000413011302010000c000000010"
    "000e"
    "00000b6578616d706c652e636f6dff01000100000a00080006001d0017001800100007000504616c706e000500050100000000003300260024"
    "0"
    "01d00209370b2c9caa47fbabaf4559fedba753de171fa71f50f1ce15d43e994ec74d748002b0003020304000d0010000e04030503060302030"
    "804"
    "08050806002d00020101001c00024001003900320408ffffffffffffffff05048000ffff07048000ffff0801100104800075300901100f0883"
    "94"
    "c8f03e51570806048000ffff");

class Initial : public ::testing::Test {
 protected:
  Initial() : opener_(std::move(*InitialOpener::create())) {}

  // The payload, with the keys of `first`, or of the id in the header.
  std::optional<Bytes> open(const Bytes& packet, const Bytes& first = {}) {
    LongHeader header;
    if (read_long_header(packet, header) != HeaderOutcome::packet) return std::nullopt;
    const ConnectionId id = first.empty() ? header.destination : ConnectionId::of(first);
    const auto opened = opener_.open(ByteView{packet}.first(header.length), header,
                                     schedule_.client_keys(header.version, id), numbers_, tries_);
    if (!opened) return std::nullopt;
    number_ = opened->number;
    return bytes_of_array(opened->payload);
  }

  InitialKeySchedule schedule_;
  InitialOpener opener_;
  PacketNumbers numbers_;
  std::uint32_t tries_ = 0;
  std::uint64_t number_ = 0;
};

TEST_F(Initial, KeysAreTheOnesOfTheStandards) {
  const ConnectionId id = ConnectionId::of(kExampleId);
  const InitialKeys one = schedule_.client_keys(QuicVersion::v1, id);  // RFC 9001 §A.1
  EXPECT_EQ(bytes_of_array(one.key), from_hex("1f369613dd76d5467730efcbe3b1a22d"));
  EXPECT_EQ(bytes_of_array(one.iv), from_hex("fa044b2f42a3fd3b46fb255c"));
  EXPECT_EQ(bytes_of_array(one.header_key), from_hex("9f50449e04a0e810283a1e9933adedd2"));
  const InitialKeys two = schedule_.client_keys(QuicVersion::v2, id);  // RFC 9369 §A.1
  EXPECT_EQ(bytes_of_array(two.key), from_hex("8b1a0bc121284290a29e0971b5cd045d"));
  EXPECT_EQ(bytes_of_array(two.iv), from_hex("91f73e2351d8fa91660e909f"));
  EXPECT_EQ(bytes_of_array(two.header_key), from_hex("45b95e15235d6f45a6b19cbcb0294ba9"));
  const InitialKeys draft = schedule_.client_keys(QuicVersion::draft_29, id);  // draft-ietf-quic-tls-29 §A.1
  EXPECT_EQ(bytes_of_array(draft.key), from_hex("175257a31eb09dea9366d8bb79ad80ba"));
  EXPECT_EQ(bytes_of_array(draft.iv), from_hex("6b26114b9cba2b63a9e8dd4f"));
  EXPECT_EQ(bytes_of_array(draft.header_key), from_hex("9ddd12c994c0698b89374a9c077a3077"));
}

// The builder of these tests against the standards: what it seals is byte for byte what they print.
TEST_F(Initial, TheBuilderSealsTheExamplesOfTheStandards) {
  const Bytes one = QuicInitial(kExampleId).source({}).number(2).raw(kExampleFrame).padded_to(1200).seal();
  ASSERT_EQ(one.size(), 1200u);
  EXPECT_EQ(Bytes(one.begin(), one.begin() + 36),
            from_hex("c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11d242b123"));
  EXPECT_EQ(Bytes(one.end() - 16, one.end()), from_hex("e221af44860018ab0856972e194cd934"));
  const Bytes two =
      QuicInitial(kExampleId).version(support::kQuicV2).source({}).number(2).raw(kExampleFrame).padded_to(1200).seal();
  EXPECT_EQ(Bytes(two.begin(), two.begin() + 28), from_hex("d76b3343cf088394c8f03e5157080000449ea0c95e82ffe67b6abcdb"));
  EXPECT_EQ(Bytes(two.end() - 16, two.end()), from_hex("a18b2faa745b6fe189cf772a9f84cbfc"));
}

TEST_F(Initial, WhatAClientSealedComesOutInEveryVersion) {
  for (const std::uint32_t version :
       {1U, 0x6b3343cfU, 0x709a50c4U, 0xff00001dU, 0xff00001eU, 0xff00001fU, 0xff000020U, 0xff000021U, 0xff000022U}) {
    const auto payload = open(QuicInitial(kExampleId).version(version).raw(kExampleFrame).padded_to(1200).seal());
    ASSERT_TRUE(payload) << std::hex << version;
    EXPECT_TRUE(std::equal(kExampleFrame.begin(), kExampleFrame.end(), payload->begin()));
  }
}

TEST_F(Initial, IdsOfEveryLengthGiveTheKeysOfTheLongWay) {
  for (std::size_t length = 0; length <= kMaxConnectionId; ++length) {
    const Bytes id = support::quic_id(77 + length, length);
    const InitialKeys keys = schedule_.client_keys(QuicVersion::v1, ConnectionId::of(id));
    const support::QuicClientKeys long_way = support::quic_client_keys(1, id);
    EXPECT_EQ(bytes_of_array(keys.key), long_way.key) << length;
    EXPECT_EQ(bytes_of_array(keys.iv), long_way.iv) << length;
    EXPECT_EQ(bytes_of_array(keys.header_key), long_way.header_key) << length;
  }
}

TEST_F(Initial, AnAlteredPacketDoesNotOpenWhicheverByteItIs) {
  const Bytes packet = QuicInitial(kExampleId).token(20).crypto(0, Bytes(60, 1)).seal();
  ASSERT_TRUE(open(packet));
  for (std::size_t i = 0; i < packet.size(); ++i) {
    Bytes altered = packet;
    altered[i] ^= 0x10;
    const auto payload = open(altered, kExampleId);
    EXPECT_FALSE(payload) << "byte " << i;
  }
}

TEST_F(Initial, OpeningAltersNoByteOfThePacket) {
  const Bytes packet = QuicInitial(kExampleId).crypto(0, Bytes(60, 1)).seal();
  const Bytes before = packet;
  open(packet);
  EXPECT_EQ(packet, before);
}

TEST_F(Initial, OtherKeysDoNotOpenIt) {
  EXPECT_FALSE(open(QuicInitial(kExampleId).crypto(0, Bytes(60, 1)).seal(), support::quic_id(1)));
  EXPECT_TRUE(
      open(QuicInitial(kExampleId).destination(support::quic_id(1, 4)).crypto(0, Bytes(60, 1)).seal(), kExampleId))
      << "a client that took its server's id keeps the keys";
}

TEST_F(Initial, TheShortestPacketThatHoldsASampleOpens) {
  const Bytes packet = QuicInitial(kExampleId).number(0, 1).raw({1, 1, 1}).seal();
  EXPECT_TRUE(open(packet));
  for (std::size_t length = 0; length < packet.size(); ++length) {
    EXPECT_FALSE(open({packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(length)})) << length;
  }
  Bytes empty = support::quic_long_header(support::QuicType::initial, 1, kExampleId, {}, 0);
  support::append(empty, Bytes{0, 19});
  empty.resize(empty.size() + 19);
  EXPECT_FALSE(open(empty));
}

TEST_F(Initial, NumbersOfAllLengthsAreCompleted) {
  for (unsigned length = 1; length <= 4; ++length) {
    EXPECT_TRUE(open(QuicInitial(kExampleId).number(0x7f, length).crypto(0, Bytes(60, 1)).seal())) << length;
    EXPECT_EQ(number_, 0x7fu);
  }
  ASSERT_TRUE(numbers_.note(0x7fff0));
  EXPECT_TRUE(open(QuicInitial(kExampleId).number(0x7fffa, 1).crypto(0, Bytes(60, 1)).seal()));
  EXPECT_EQ(number_, 0x7fffau);
}

TEST_F(Initial, AWipedPayloadIsGone) {
  LongHeader header;
  const Bytes packet = QuicInitial(kExampleId).crypto(0, Bytes(60, 0xaa)).seal();
  ASSERT_EQ(read_long_header(packet, header), HeaderOutcome::packet);
  const auto opened =
      opener_.open(packet, header, schedule_.client_keys(QuicVersion::v1, header.destination), numbers_, tries_);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->payload[10], 0xaa);
  opener_.wipe_payload();
  EXPECT_EQ(opened->payload[10], 0);
}

TEST(InitialOpener, IsNotToBeHadFromALibcryptoWithoutAes128) {
  ASSERT_EQ(::EVP_set_default_properties(nullptr, "provider=absent"), 1);
  const auto opener = InitialOpener::create();
  ASSERT_EQ(::EVP_set_default_properties(nullptr, ""), 1);
  ASSERT_FALSE(opener);
  EXPECT_EQ(opener.error().code, ErrorCode::unsupported);
  EXPECT_TRUE(InitialOpener::create()) << "with the ciphers back";
}

}  // namespace
}  // namespace parapet::packet
