// SPDX-License-Identifier: Apache-2.0
// Listed requests are stopped on each protocol, others go on bit for bit.
#include "rig.h"

namespace parapet::packet {
namespace {

using support::client_hello;
using support::dns_query;
using support::get;

TEST(Block, AListedHelloIsDroppedAndItsControlPasses) {
  for (const Ends& ends : {Ends{}, Ends::v6()}) {
    Rig rig{"host:" + kListed};
    TcpConversation listed(ends);
    rig.shake_hands(listed);
    const Seen seen = rig.send(listed.data(0, client_hello(kListed)));
    EXPECT_EQ(seen.fate.reason, FrameReason::drop_listed);
    EXPECT_TRUE(seen.fate.wipe);
    EXPECT_EQ(rig.requests(Protocol::tls, Verdict::block), 1u);
    EXPECT_EQ(rig.block().list_hits[0][index_of(Protocol::tls)], 1u);

    Ends other_ends = ends;
    other_ends.client_port = 40001;
    TcpConversation other(other_ends);
    rig.shake_hands(other);
    const Sent sent = other.data(0, client_hello(kOther));
    const Seen control = rig.send(sent);
    EXPECT_EQ(control.fate.reason, FrameReason::pass_unlisted);
    EXPECT_EQ(control.bytes, sent.bytes);
    EXPECT_EQ(rig.requests(Protocol::tls, Verdict::pass), 1u);
    EXPECT_EQ(rig.uninspected(), 0u);
  }
}

TEST(Block, AListedHttpRequestIsDropped) {
  Rig rig{"url:http://mixed.example.test/bad"};
  TcpConversation talk;
  rig.shake_hands(talk);
  const std::string first = get("mixed.example.test", "/good"), second = get("mixed.example.test", "/bad");
  EXPECT_EQ(rig.send(talk.data(0, first)).fate.reason, FrameReason::pass_unlisted);
  rig.send(talk.answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", first.size()));
  EXPECT_EQ(rig.send(talk.data(first.size(), second)).fate.reason, FrameReason::drop_listed);
  EXPECT_EQ(rig.requests(Protocol::http, Verdict::pass), 1u);
  EXPECT_EQ(rig.requests(Protocol::http, Verdict::block), 1u);
}

TEST(Block, AListedDnsQuestionIsDroppedWhereverItStands) {
  Rig rig{"domain:" + kListed};
  Ends ends;
  ends.server_port = 53;
  const auto ask = [&](std::initializer_list<std::string_view> names) {
    return rig.send({PacketBuilder(ends).payload(dns_query(names)).udp(), Side::subscriber}).fate;
  };
  EXPECT_EQ(ask({kListed}).reason, FrameReason::drop_listed);
  EXPECT_TRUE(ask({kListed}).wipe);
  EXPECT_EQ(ask({"SUB.Listed.EXAMPLE.test"}).reason, FrameReason::drop_listed);
  EXPECT_EQ(ask({kOther, kListed}).reason, FrameReason::drop_listed);
  EXPECT_EQ(ask({kOther}).reason, FrameReason::pass_unlisted);
  EXPECT_EQ(ask({"notlisted.example.test"}).reason, FrameReason::pass_unlisted);
  const Bytes answer = PacketBuilder(ends).from_server().payload(dns_query({kListed})).udp();
  EXPECT_EQ(rig.send({answer, Side::transit}).fate.reason, FrameReason::pass_from_transit);
}

TEST(Block, AHostEntryLeavesNamesBelowAlone) {
  Rig rig{"host:" + kListed};
  TcpConversation talk;
  rig.shake_hands(talk);
  EXPECT_EQ(rig.send(talk.data(0, client_hello("sub." + kListed))).fate.reason, FrameReason::pass_unlisted);
}

TEST(Block, AListInShadowOnlyCounts) {
  Rig rig({{"shadowed", snapshot::ListState::shadow, {"host:" + kListed}},
           {"off", snapshot::ListState::off, {"host:" + kOther}}});
  TcpConversation talk;
  rig.shake_hands(talk);
  const Sent sent = talk.data(0, get(kListed));
  const Seen seen = rig.send(sent);
  EXPECT_EQ(seen.fate.reason, FrameReason::pass_shadow);
  EXPECT_EQ(seen.bytes, sent.bytes);
  EXPECT_EQ(rig.requests(Protocol::http, Verdict::shadow), 1u);
  EXPECT_EQ(rig.block().list_hits[0][index_of(Protocol::http)], 1u);
  EXPECT_EQ(rig.send(talk.data(get(kListed).size(), get(kOther))).fate.reason, FrameReason::pass_unlisted);
  EXPECT_EQ(rig.block().list_hits[1][index_of(Protocol::http)], 0u);
}

TEST(Block, TheVerdictSticksUntilANewHandshake) {
  Rig rig{"host:" + kListed};
  TcpConversation talk;
  rig.shake_hands(talk);
  const Bytes hello = client_hello(kListed);
  EXPECT_EQ(rig.send(talk.data(0, hello)).fate.reason, FrameReason::drop_listed);
  EXPECT_EQ(rig.send(talk.data(0, hello)).fate.reason, FrameReason::drop_blocked_stream);
  EXPECT_EQ(rig.send(talk.data(0, ByteView{hello}.first(10))).fate.reason, FrameReason::drop_blocked_stream);
  EXPECT_EQ(rig.send(talk.data(10, ByteView{hello}.subspan(10))).fate.reason, FrameReason::drop_blocked_stream);
  EXPECT_EQ(rig.send(talk.data(0, client_hello(kOther))).fate.reason, FrameReason::drop_blocked_stream);
  EXPECT_EQ(rig.send(talk.syn()).fate.reason, FrameReason::pass_no_payload);
  EXPECT_EQ(rig.send(talk.data(0, hello)).fate.reason, FrameReason::drop_blocked_stream) << "a SYN ends nothing";
  EXPECT_EQ(rig.send(talk.syn_ack()).fate.reason, FrameReason::pass_from_transit);
  EXPECT_EQ(rig.send(talk.data(0, hello)).fate.reason, FrameReason::drop_blocked_stream) << "the same handshake again";

  TcpConversation again({}, 900000, 700000);
  rig.shake_hands(again);
  const Sent sent = again.data(0, client_hello(kOther));
  EXPECT_EQ(rig.send(sent).fate.reason, FrameReason::pass_unlisted);
  EXPECT_EQ(rig.requests(Protocol::tls, Verdict::block), 1u);
}

TEST(Block, TheVerdictEndsAfterItsTime) {
  Rig rig{"host:" + kListed};
  TcpConversation talk;
  rig.shake_hands(talk);
  EXPECT_EQ(rig.send(talk.data(0, client_hello(kListed))).fate.reason, FrameReason::drop_listed);
  rig.wait(119 * kNanosecondsPerSecond);
  EXPECT_EQ(rig.send(talk.data(0, client_hello(kOther))).fate.reason, FrameReason::drop_blocked_stream);
  rig.wait(2 * kNanosecondsPerSecond);
  EXPECT_EQ(rig.send(talk.data(0, client_hello(kOther))).fate.reason, FrameReason::pass_unlisted);
}

TEST(Block, BehindAVerdictThatEndedSegmentsMayComeInAnyOrderAgain) {
  Rig rig({"host:" + kListed});
  const TcpConversation talk;
  rig.shake_hands(talk);
  EXPECT_EQ(rig.send(talk.data(0, get(kListed))).fate.reason, FrameReason::drop_listed);
  rig.wait(200 * kNanosecondsPerSecond);
  EXPECT_EQ(rig.send(talk.data(30, get(kListed).substr(30))).fate.reason, FrameReason::pass_pending);
  EXPECT_EQ(rig.send(talk.data(0, get(kListed).substr(0, 30))).fate.reason, FrameReason::drop_listed);
}

TEST(Block, AVerdictThatEndsLeavesTheNextConnectionsHandshakeAlone) {
  Rig rig({"host:" + kListed});
  const TcpConversation first({}, 1000, 5000), next({}, 1'001'000, 3'005'000);
  EXPECT_EQ(rig.send(first.data(0, get(kListed))).fate.reason, FrameReason::drop_listed) << "without a handshake";
  rig.shake_hands(next);
  for (int second = 0; second < 200; ++second) {
    rig.wait(kNanosecondsPerSecond);
    rig.send(next.syn());
  }
  EXPECT_EQ(rig.send(next.data(30, get(kListed).substr(30))).fate.reason, FrameReason::pass_pending);
  EXPECT_EQ(rig.send(next.data(0, get(kListed).substr(0, 30))).fate.reason, FrameReason::drop_listed);
}

TEST(Block, AListedRequestBehindOthersInOneSegmentIsCutOff) {
  for (const Ends& ends : {Ends{}, Ends::v6()}) {
    Rig rig{"host:" + kListed};
    TcpConversation talk(ends);
    rig.shake_hands(talk);
    const std::string benign = get(kOther) + get(kOther, "/two");
    const Seen seen = rig.send(talk.data(0, benign + get(kListed)));
    EXPECT_EQ(seen.fate.reason, FrameReason::pass_cut);
    EXPECT_EQ(rig.actions(ActionKind::rewritten_cut), 1u);
    const Decoded decoded = decode(seen.bytes);
    ASSERT_EQ(decoded.outcome, DecodeOutcome::tcp);
    EXPECT_TRUE(checksum_fits(seen.bytes, decoded));
    EXPECT_EQ(decoded.flags & kTcpPsh, 0);
    EXPECT_EQ(support::to_text(ByteView{seen.bytes}.subspan(decoded.payload_offset, decoded.payload_length)), benign);
    EXPECT_EQ(seen.bytes.size(), decoded.payload_offset + benign.size());
    // Sent again with another split, what is below goes on and what is above does not.
    EXPECT_EQ(rig.send(talk.data(benign.size(), get(kListed))).fate.reason, FrameReason::drop_blocked_stream);
    EXPECT_EQ(rig.send(talk.data(benign.size() - 5, benign.substr(benign.size() - 5) + get(kListed))).fate.reason,
              FrameReason::pass_cut);
    EXPECT_EQ(rig.send(talk.data(0, benign.substr(0, 30))).fate.reason, FrameReason::pass_unlisted);
  }
}

TEST(Block, AListedRequestBehindABodyIsCutOff) {
  for (const std::string& benign :
       {support::post(kOther, std::string(300, 'b')), support::post_chunked(kOther, std::string(300, 'c'), 70),
        support::post(kOther, get(kListed)), support::post(kOther, "")}) {
    Rig rig{"host:" + kListed};
    TcpConversation talk;
    rig.shake_hands(talk);
    const Seen seen = rig.send(talk.data(0, benign + get(kListed)));
    EXPECT_EQ(seen.fate.reason, FrameReason::pass_cut);
    const Decoded decoded = decode(seen.bytes);
    EXPECT_EQ(support::to_text(ByteView{seen.bytes}.subspan(decoded.payload_offset, decoded.payload_length)), benign);
  }
}

TEST(Block, AListedRequestInSegmentsOfItsOwnLeavesTheBodyBeforeWhole) {
  Rig rig{"host:" + kListed};
  TcpConversation talk;
  rig.shake_hands(talk);
  const std::string body(20000, 'x'), all = support::post(kOther, body) + get(kListed);
  Receiver server(talk.seq(0));
  for (std::size_t at = 0; at < all.size(); at += 1000) {
    const Seen seen = rig.send(talk.data(at, all.substr(at, 1000)));
    if (seen.forwarded()) server.take(seen.bytes);
  }
  EXPECT_EQ(server.stream(), support::post(kOther, body));
  EXPECT_EQ(rig.uninspected(), 0u);
}

TEST(Block, WithoutASnapshotEverythingPassesAndIsCounted) {
  Rig rig{"host:" + kListed};
  rig.without_snapshot();
  TcpConversation talk;
  rig.shake_hands(talk);
  EXPECT_EQ(rig.send(talk.data(0, get(kListed))).fate.reason, FrameReason::pass_uninspected);
  EXPECT_EQ(rig.uninspected(UninspectedReason::no_snapshot), 1u);
  EXPECT_EQ(rig.requests(Protocol::http, Verdict::pass), 0u);
}

TEST(Block, StreamsOfTwoRealmsDoNotMeet) {
  Rig rig{"host:" + kListed};
  TcpConversation talk;
  for (const Sent& sent : talk.handshake()) {
    rig.send(sent, LinkType::ethernet, {1});
    rig.send(sent, LinkType::ethernet, {2});
  }
  EXPECT_EQ(rig.send(talk.data(0, get(kListed)), LinkType::ethernet, {1}).fate.reason, FrameReason::drop_listed);
  EXPECT_EQ(rig.send(talk.data(0, get(kOther)), LinkType::ethernet, {2}).fate.reason, FrameReason::pass_unlisted);
}

}  // namespace
}  // namespace parapet::packet
