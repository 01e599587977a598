// SPDX-License-Identifier: Apache-2.0
// What clients of QUIC do, and what they do to hide a name: one test or more for each row Q1 to Q17.
#include <algorithm>

#include "packet/quic/long_header.h"
#include "quic_rig.h"

namespace parapet::packet {
namespace {

using enum FrameReason;

const Bytes kListedRowHello = hello_message(kListed, 600);
const Bytes kOtherRowHello = hello_message(kOther, 600);

TEST(Quic, AListedHelloIsDroppedAndAnUnlistedOneGoesOnBitForBit) {
  QuicRig rig;
  const Seen listed = rig.datagram(initial_with(kListed, 1));
  EXPECT_EQ(listed.fate.reason, drop_listed);
  EXPECT_TRUE(listed.fate.wipe);
  EXPECT_TRUE(listed.injections.empty()) << "UDP has no reset";
  const Bytes sent = PacketBuilder(quic_ends(2)).payload(initial_with(kOther, 2).padded_to(1200).seal()).udp();
  const Seen other = rig.send({sent, Side::subscriber});
  EXPECT_EQ(other.fate.reason, pass_unlisted);
  EXPECT_EQ(other.bytes, sent);
  EXPECT_EQ(rig.quic_requests(Verdict::block), 1u);
  EXPECT_EQ(rig.quic_requests(Verdict::pass), 1u);
  EXPECT_EQ(rig.uninspected(), 0u);
}

TEST(Quic, OverIpv6AndBehindTagsToo) {
  QuicRig rig;
  EXPECT_EQ(rig.reason_of(initial_with(kListed, 1), Ends::v6()), drop_listed);
  const Bytes payload = initial_with(kListed, 1).padded_to(1200).seal();
  EXPECT_EQ(rig.send({PacketBuilder({}).tag(7).payload(payload).udp(), Side::subscriber}).fate.reason, drop_listed);
}

TEST(Quic, AListInShadowStopsNothing) {
  Rig rig({{"shadow", snapshot::ListState::shadow, {"host:" + kListed}}});
  const Bytes payload = initial_with(kListed, 1).padded_to(1200).seal();
  EXPECT_EQ(rig.send({PacketBuilder({}).payload(payload).udp(), Side::subscriber}).fate.reason, pass_shadow);
  EXPECT_EQ(rig.requests(Protocol::quic, Verdict::shadow), 1u);
}

TEST(Quic, OnlyTheSubscribersSideIsRead) {
  QuicRig rig;
  const Bytes payload = initial_with(kListed, 1).padded_to(1200).seal();
  EXPECT_EQ(rig.send({PacketBuilder({}).from_server().payload(payload).udp(), Side::transit}).fate.reason,
            pass_from_transit);
}

TEST(Quic, Q1_PiecesInAnyOrderWithinAndAcrossDatagrams) {
  QuicRig rig;
  const std::size_t size = kListedRowHello.size();
  EXPECT_EQ(rig.reason_of(QuicInitial(support::quic_id(1))
                              .ping()
                              .crypto(500, part(kListedRowHello, 500, 600))
                              .padding(3)
                              .crypto(0, part(kListedRowHello, 0, 10))
                              .ping()
                              .crypto(10, part(kListedRowHello, 10, 300))),
            pass_pending);
  EXPECT_EQ(rig.reason_of(initial_with(kListedRowHello, 600, size, 1, 1)), pass_pending);
  EXPECT_EQ(rig.reason_of(initial_with(kListedRowHello, 300, 499, 1, 2)), pass_pending);
  EXPECT_EQ(rig.reason_of(initial_with(kListedRowHello, 499, 500, 1, 3)), drop_listed) << "the last byte";
}

TEST(Quic, Q1_TheSameCutsOfAnUnlistedHelloAllGoOn) {
  QuicRig rig;
  std::uint64_t number = 0;
  for (std::size_t at = kOtherRowHello.size(); at > 0;) {
    const std::size_t begin = at > 90 ? at - 90 : 0;
    EXPECT_EQ(rig.reason_of(initial_with(kOtherRowHello, begin, at, 1, number++)),
              begin > 0 ? pass_pending : pass_unlisted);
    at = begin;
  }
  EXPECT_EQ(rig.quic_requests(Verdict::pass), 1u);
}

TEST(Quic, Q2_CopiesOfHalfAHelloAreNotAWholeOne) {
  QuicRig rig;
  const std::size_t half = kListedRowHello.size() / 2;
  for (std::uint64_t n = 0; n < 4; ++n)
    EXPECT_EQ(rig.reason_of(initial_with(kListedRowHello, 0, half, 1, n)), pass_pending);
  EXPECT_EQ(rig.reason_of(initial_with(kListedRowHello, half, kListedRowHello.size(), 1, 4)), drop_listed);
}

TEST(Quic, Q2_OtherBytesAtTheSamePlaceAreRefusedWhicheverCameFirst) {
  for (const bool lie_first : {true, false}) {
    QuicRig rig;
    const Bytes truth = hello_message(kListed), lie = hello_message("benign.example.test");
    const Bytes& first = lie_first ? lie : truth;
    const Bytes& second = lie_first ? truth : lie;
    const std::size_t cut = 100;
    EXPECT_EQ(rig.reason_of(initial_with(first, cut - 20, cut, 1, 0)), pass_pending);
    EXPECT_EQ(rig.reason_of(initial_with(second, 40, second.size(), 1, 1)), drop_quic_decoys);
    EXPECT_EQ(rig.reason_of(QuicInitial(support::quic_id(1)).number(2).crypto(0, second)), drop_quic_decoys);
    EXPECT_EQ(rig.quic_requests(Verdict::pass), 0u);
  }
}

TEST(Quic, Q2_OtherBytesBehindACompleteHelloAreRefusedToo) {
  // The second datagram dies on the way; then the client sends another end for the same beginning.
  QuicRig rig;
  const Bytes benign = hello_message("unlist.example.test", 600), listed = hello_message(kListed, 600);
  ASSERT_EQ(benign.size(), listed.size());
  ASSERT_TRUE(std::equal(benign.begin(), benign.begin() + 600, listed.begin()));
  EXPECT_EQ(rig.reason_of(initial_with(listed, 0, 600, 1)), pass_pending);
  EXPECT_EQ(rig.reason_of(initial_with(benign, 600, benign.size(), 1, 1)), pass_unlisted);
  EXPECT_EQ(rig.reason_of(initial_with(listed, 600, listed.size(), 1, 2)), drop_quic_decoys);
}

TEST(Quic, Q3_DecoysBeforeTheHelloHideNothing) {
  QuicRig rig;
  const Bytes noise(1200, 0xd5);
  Bytes garbage = support::quic_opaque_packet(QuicType::initial, support::quic_id(9), 1100);
  EXPECT_EQ(rig.reason_of(noise), pass_bulk);
  EXPECT_EQ(rig.reason_of(garbage), pass_bulk) << "no Initial of anybody";
  EXPECT_EQ(rig.reason_of(initial_with(kOther, 1).bad_tag()), pass_bulk);
  EXPECT_EQ(rig.reason_of(initial_with(kListed, 1).bad_tag()), pass_bulk) << "no server opens it";
  EXPECT_EQ(rig.reason_of(initial_with(kOtherRowHello, 0, 100, 2)), pass_pending);
  EXPECT_EQ(rig.reason_of(initial_with(kOther, 3)), pass_unlisted);
  EXPECT_EQ(rig.reason_of(initial_with(kListed, 1)), drop_listed);
}

TEST(Quic, Q3_DecoysBetweenTheTwoHalvesHideNothing) {
  QuicRig rig;
  EXPECT_EQ(rig.reason_of(initial_with(kListedRowHello, 0, 300, 1)), pass_pending);
  EXPECT_EQ(rig.reason_of(initial_with(kOther, 2)), pass_unlisted);
  EXPECT_EQ(rig.reason_of(initial_with(kOtherRowHello, 300, 500, 1, 1).bad_tag()), pass_bulk);
  EXPECT_EQ(rig.reason_of(QuicInitial(support::quic_id(1)).number(2).close("bye")), pass_pending);
  EXPECT_EQ(rig.reason_of(initial_with(kListedRowHello, 300, kListedRowHello.size(), 1, 3)), drop_listed);
}

TEST(Quic, Q3_ADatagramWithAWrongChecksumIsNoBodysHello) {
  QuicRig rig;
  const Bytes whole = initial_with(kOtherRowHello, 0, 100, 1).padded_to(1200).seal();
  EXPECT_EQ(rig.send({PacketBuilder(quic_ends()).payload(whole).bad_checksum().udp(), Side::subscriber}).fate.reason,
            pass_bad_checksum);
  EXPECT_EQ(rig.reason_of(initial_with(kListed, 1)), drop_listed);
}

TEST(Quic, Q4_AClientThatTookItsServersIdKeepsItsKeys) {
  QuicRig rig;
  EXPECT_EQ(rig.reason_of(initial_with(kListedRowHello, 0, 300, 1)), pass_pending);
  EXPECT_EQ(rig.reason_of(
                initial_with(kListedRowHello, 300, kListedRowHello.size(), 1, 1).destination(support::quic_id(77, 20))),
            drop_listed);
  EXPECT_EQ(rig.reason_of(initial_with(kListedRowHello, 300, 400, 1, 2).destination(support::quic_id(78))),
            drop_blocked_stream);
}

TEST(Quic, Q4_ASecondHelloUnderTheServersIdIsRead) {
  QuicRig rig;  // the server asked for another key share; the client answers with another name
  Bytes both = hello_message(kOther);
  const std::size_t first = both.size();
  support::append(both, hello_message(kListed));
  EXPECT_EQ(rig.reason_of(initial_with(both, 0, first, 1)), pass_unlisted);
  EXPECT_EQ(rig.reason_of(initial_with(both, first, both.size(), 1, 1).destination(support::quic_id(77))), drop_listed);
}

TEST(Quic, Q5_EachPacketOfADatagramIsRead) {
  QuicRig rig;
  const Bytes id = support::quic_id(1);
  Bytes payload = support::quic_opaque_packet(QuicType::zero_rtt, id, 60);
  support::append(payload, initial_with(kListedRowHello, 0, 300, 1).seal());
  support::append(payload, support::quic_opaque_packet(QuicType::handshake, id, 40));
  support::append(payload, initial_with(kListedRowHello, 300, kListedRowHello.size(), 1, 1).seal());
  payload.resize(payload.size() + 30);  // padding outside of all packets
  EXPECT_EQ(rig.reason_of(payload), drop_listed);
}

TEST(Quic, Q5_TwoConnectionsBegunInOneDatagramAreNoClients) {
  QuicRig rig;
  Bytes payload = initial_with(kOther, 1).seal();
  support::append(payload, initial_with(kOther, 2).seal());
  EXPECT_EQ(rig.reason_of(payload), drop_quic_decoys);
}

TEST(Quic, Q6_EveryVersionThatCanBeReadIs) {
  std::uint64_t id = 0;
  for (const std::uint32_t version :
       {1U, 0x6b3343cfU, 0xff00001dU, 0xff00001eU, 0xff000020U, 0xff000021U, 0xff000022U}) {
    QuicRig rig;
    EXPECT_EQ(rig.reason_of(initial_with(kListed, ++id).version(version)), drop_listed) << std::hex << version;
  }
}

TEST(Quic, Q6_AClientMayChangeItsVersionInMidHandshake) {
  QuicRig rig;  // RFC 9369 §4: the keys of the other version come from the same id
  EXPECT_EQ(rig.reason_of(initial_with(kListedRowHello, 0, 300, 1)), pass_pending);
  EXPECT_EQ(rig.reason_of(initial_with(kListedRowHello, 300, kListedRowHello.size(), 1, 1)
                              .version(support::kQuicV2)
                              .destination(support::quic_id(77))),
            drop_listed);
}

TEST(Quic, Q6_UnknownVersionsPassAndAreCountedWhereTheyArePlausible) {
  QuicRig rig;
  const auto packet = [](std::uint32_t version) {
    return support::quic_opaque_packet(QuicType::handshake, support::quic_id(1), 60, version);
  };
  EXPECT_EQ(rig.reason_of(packet(0x51303530)), pass_uninspected);
  EXPECT_EQ(rig.uninspected(UninspectedReason::quic_version), 1u);
  Ends elsewhere = quic_ends();
  elsewhere.server_port = 5000;
  EXPECT_EQ(rig.reason_of(packet(0x51303530), elsewhere), pass_bulk);
  EXPECT_EQ(rig.uninspected(), 1u);
}

TEST(Quic, Q7_AskingForVersionsDecidesNothing) {
  QuicRig rig;
  for (const std::uint32_t version : {0x1a2a3a4aU, 0U}) {
    EXPECT_EQ(rig.reason_of(support::quic_opaque_packet(QuicType::initial, support::quic_id(1), 1100, version)),
              pass_bulk);
  }
  EXPECT_EQ(rig.uninspected(), 0u);
  EXPECT_EQ(rig.reason_of(initial_with(kListed, 1)), drop_listed);
}

TEST(Quic, Q8_BehindARetryTheHelloIsReadUnderItsNewKeys) {
  QuicRig rig;
  const std::size_t size = kListedRowHello.size();
  EXPECT_EQ(rig.reason_of(initial_with(kListedRowHello, 0, 300, 1)), pass_pending);
  for (const std::uint64_t retried : {2U, 3U}) {  // a second Retry is against the rules, but costs nothing
    EXPECT_EQ(rig.reason_of(initial_with(kListedRowHello, 0, 300, retried, 1).token(60)), pass_pending);
  }
  EXPECT_EQ(rig.reason_of(initial_with(kListedRowHello, 300, size, 1, 2)), drop_listed) << "the old keys still count";
  EXPECT_EQ(rig.reason_of(initial_with(kListedRowHello, 300, size, 2, 3).token(60)), drop_listed);
}

TEST(Quic, Q9_GreasedBitsNumbersAndTokensOfAnyLength) {
  std::uint64_t id = 0;
  for (const unsigned length : {1U, 2U, 3U, 4U}) {
    QuicRig rig;
    EXPECT_EQ(rig.reason_of(initial_with(kListed, ++id).number(99, length)), drop_listed) << length;
  }
  for (const std::size_t token : {0U, 1U, 63U, 64U, 900U, 16383U, 40000U}) {
    QuicRig rig;
    EXPECT_EQ(rig.reason_of(initial_with(kListed, ++id).token(token)), drop_listed) << token;
  }
  QuicRig rig;
  EXPECT_EQ(rig.reason_of(initial_with(kListed, ++id).without_fixed_bit()), drop_listed);
  QuicRig other;
  EXPECT_EQ(other.reason_of(initial_with(kListed, ++id).reserved_bits()), drop_listed);
}

TEST(Quic, Q9_ALeapOfPacketNumbersHidesNothing) {
  QuicRig rig;  // the decoy with the large number dies on the way, so the server reads the short one as 5
  EXPECT_EQ(rig.reason_of(QuicInitial(support::quic_id(1)).number(100'000).ping()), pass_pending);
  EXPECT_EQ(rig.reason_of(initial_with(kListedRowHello, 0, 300, 1).number(5, 1)), pass_pending);
  EXPECT_EQ(rig.reason_of(initial_with(kListedRowHello, 300, kListedRowHello.size(), 1).number(100'007, 1)),
            drop_listed);
}

TEST(Quic, Q9_MoreLeapsThanCanBeRememberedAreRefused) {
  QuicRig rig;
  for (std::uint64_t leap = 1; leap <= 4; ++leap) {
    EXPECT_EQ(rig.reason_of(QuicInitial(support::quic_id(1)).number(leap * 100'000).ping()), pass_pending);
  }
  EXPECT_EQ(rig.reason_of(QuicInitial(support::quic_id(1)).number(900'000).ping()), drop_quic_decoys);
}

TEST(Quic, Q10_AnyLengthOfDatagramIsRead) {
  std::uint64_t id = 0;
  for (const std::size_t length : {0U, 300U, 1199U, 1472U, 8000U}) {
    QuicRig rig;
    EXPECT_EQ(rig.reason_of(initial_with(kListed, ++id).padded_to(length).seal()), drop_listed) << length;
  }
  QuicRig rig;
  Bytes payload = initial_with(kListed, 99).seal();
  const Bytes frame = PacketBuilder(quic_ends()).payload(payload).trailer(17).udp();
  EXPECT_EQ(rig.send({frame, Side::subscriber}).fate.reason, drop_listed) << "with a trailer";
}

TEST(Quic, Q12_FromANewPortTheSameHelloIsReadAnew) {
  QuicRig rig;
  EXPECT_EQ(rig.reason_of(initial_with(kListed, 1)), drop_listed);
  EXPECT_EQ(rig.reason_of(initial_with(kListed, 1), quic_ends(50000)), drop_listed);
}

TEST(Quic, Q13_EarlyDataGoesWithItsHello) {
  QuicRig rig;
  EXPECT_EQ(rig.reason_of(initial_with(kListed, 1)), drop_listed);
  EXPECT_EQ(rig.reason_of(support::quic_opaque_packet(QuicType::zero_rtt, support::quic_id(1), 900)),
            drop_blocked_stream);
  EXPECT_EQ(rig.reason_of(support::quic_opaque_packet(QuicType::zero_rtt, support::quic_id(2), 900)), pass_bulk);
}

TEST(Quic, Q14_AnyPortIsRead) {
  std::uint64_t id = 0;
  for (const int port : {53, 80, 443, 853, 3478, 4433, 65535}) {
    QuicRig rig;
    Ends ends = quic_ends();
    ends.server_port = static_cast<std::uint16_t>(port);
    EXPECT_EQ(rig.reason_of(initial_with(kListed, ++id), ends), drop_listed) << port;
  }
}

TEST(Quic, Q14_DnsThatBeginsLikeQuicIsStillDns) {
  QuicRig rig;
  Ends ends = quic_ends();
  ends.server_port = 53;
  Bytes query = support::dns_query({kOther, kOther, kOther, kListed});
  const Bytes head{0xc0, 0, 0, 0, 1, 4};  // identifier, flags and count give the form, version 1, and the id's length
  std::copy(head.begin(), head.end(), query.begin());
  ASSERT_TRUE(has_long_form(query));
  EXPECT_EQ(rig.reason_of(query, ends), drop_listed);
  EXPECT_EQ(rig.requests(Protocol::dns, Verdict::block), 1u);
}

TEST(Quic, Q15_TheOuterNameOfAnEncryptedHelloIsJudgedAndItsBeingThereIsCounted) {
  QuicRig rig;
  const auto with_ech = [](std::string_view name) {
    return support::TlsHello().encrypted_client_hello().server_name(name).message();
  };
  EXPECT_EQ(rig.reason_of(QuicInitial(support::quic_id(1)).crypto(0, with_ech(kOther))), pass_unlisted);
  EXPECT_EQ(rig.reason_of(QuicInitial(support::quic_id(2)).crypto(0, with_ech(kListed))), drop_listed);
  EXPECT_EQ(rig.block().ech_present, 2u);
}

TEST(Quic, Q17_TheVerdictHoldsForTheConnectionAndEndsWithIt) {
  QuicRig rig;
  EXPECT_EQ(rig.reason_of(initial_with(kListedRowHello, 0, 300, 1)), pass_pending);
  EXPECT_EQ(rig.reason_of(initial_with(kListedRowHello, 300, kListedRowHello.size(), 1, 1)), drop_listed);
  for (std::uint64_t n = 2; n < 6; ++n) {  // retransmitted with other cuts
    EXPECT_EQ(rig.reason_of(initial_with(kListedRowHello, 300 + 10 * n, 340 + 10 * n, 1, n)), drop_blocked_stream);
  }
  EXPECT_EQ(rig.reason_of(initial_with(kOther, 2)), pass_unlisted) << "another connection between the same ends";
  EXPECT_EQ(rig.reason_of(initial_with(kListedRowHello, 300, 301, 1, 7)), drop_blocked_stream) << "it changes nothing";
  rig.wait(121 * kNanosecondsPerSecond);
  EXPECT_EQ(rig.reason_of(initial_with(kListedRowHello, 300, 301, 1, 8)), pass_pending);
  EXPECT_EQ(rig.quic_requests(Verdict::block), 1u);
}

TEST(Quic, Q17_AStoppedHelloCutsNoOtherConnectionBetweenTheSameEnds) {
  QuicRig rig;  // whoever forges a listed hello must not be able to end what runs already
  EXPECT_EQ(rig.reason_of(initial_with(kListed, 1)), drop_listed);
  EXPECT_EQ(rig.reason_of(Bytes(1200, 0x45)), pass_bulk) << "a short header";
  EXPECT_EQ(rig.reason_of(support::quic_opaque_packet(QuicType::handshake, support::quic_id(2), 400)), pass_bulk);
}

}  // namespace
}  // namespace parapet::packet
