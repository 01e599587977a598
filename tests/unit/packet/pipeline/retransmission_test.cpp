// SPDX-License-Identifier: Apache-2.0
// The first valid bytes win, and what was read is what the server gets.
#include "rig.h"

namespace parapet::packet {
namespace {

using support::client_hello;
using support::get;

std::string payload_of(const Seen& seen) {
  const Decoded decoded = decode(seen.bytes);
  return support::to_text(ByteView{seen.bytes}.subspan(decoded.payload_offset, decoded.payload_length));
}

// Both of one length, so that one fits over the other.
const std::string kBenignGet = get("benign.example.test"), kListedGet = get("listed.example.test");

TEST(Retransmission, WithAnotherContentIsGivenTheFirst) {
  for (const std::size_t shift : {std::size_t{0}, std::size_t{1}, std::size_t{25}}) {
    Rig rig{"host:" + kListed};
    TcpConversation talk;
    rig.shake_hands(talk);
    EXPECT_EQ(rig.send(talk.data(0, kBenignGet)).fate.reason, FrameReason::pass_unlisted);
    const Seen seen = rig.send(talk.data(shift, std::string_view(kListedGet).substr(shift)));
    EXPECT_TRUE(seen.forwarded());
    EXPECT_EQ(payload_of(seen), kBenignGet.substr(shift));
    EXPECT_TRUE(checksum_fits(seen.bytes, decode(seen.bytes)));
    EXPECT_EQ(rig.actions(ActionKind::rewritten_retransmission), 1u);
  }
}

TEST(Retransmission, WithTheSameContentIsLeftAlone) {
  Rig rig{"host:" + kListed};
  TcpConversation talk;
  rig.shake_hands(talk);
  rig.send(talk.data(0, kBenignGet));
  const Sent again = talk.data(0, kBenignGet);
  EXPECT_EQ(rig.send(again).bytes, again.bytes);
  EXPECT_EQ(rig.actions(ActionKind::rewritten_retransmission), 0u);
  EXPECT_EQ(rig.requests(Protocol::http, Verdict::pass), 1u) << "one request, seen twice, is counted once";
}

TEST(Retransmission, OfOutOfOrderBytesIsGivenTheFirstToo) {
  Rig rig{"host:" + kListed};
  TcpConversation talk;
  rig.shake_hands(talk);
  rig.send(talk.data(20, kListedGet.substr(20)));
  const Seen seen = rig.send(talk.data(20, kBenignGet.substr(20)));
  EXPECT_EQ(payload_of(seen), kListedGet.substr(20));
  EXPECT_EQ(rig.send(talk.data(0, kListedGet.substr(0, 20))).fate.reason, FrameReason::drop_listed);
}

// A decoy that the server does not take (low TTL, a bad option, ...) and that ends the reading: the same bytes' real
// content, in any order, never makes the listed request.
TEST(Retransmission, ADecoyFirstHelpsNobody) {
  const Bytes listed = client_hello(kListed);
  for (const Bytes& decoy : {client_hello("benign.example.test"), Bytes(listed.size(), 0)}) {
    for (const bool reversed : {false, true}) {
      Rig rig{"host:" + kListed};
      TcpConversation talk;
      rig.shake_hands(talk);
      rig.send(talk.data(0, ByteView{decoy}));
      Receiver server(talk.seq(0));
      std::vector<Sent> real{talk.data(0, ByteView{listed}.first(40)), talk.data(40, ByteView{listed}.subspan(40))};
      if (reversed) std::swap(real[0], real[1]);
      for (const Sent& sent : real) {
        const Seen seen = rig.send(sent);
        if (seen.forwarded()) server.take(seen.bytes);
      }
      EXPECT_NE(server.stream(), support::to_text(listed));
    }
  }
}

TEST(Retransmission, OfWhatTheServerAcknowledgedPassesAsItIs) {
  Rig rig{"host:" + kListed};
  TcpConversation talk;
  rig.shake_hands(talk);
  rig.send(talk.data(0, kBenignGet));
  rig.send(talk.server_ack(kBenignGet.size()));
  const Sent again = talk.data(0, kListedGet);
  const Seen seen = rig.send(again);
  EXPECT_EQ(seen.fate.reason, FrameReason::pass_bulk);
  EXPECT_EQ(seen.bytes, again.bytes);
}

TEST(Retransmission, TheServersAcknowledgementSettlesAStream) {
  Rig rig{"host:" + kListed};
  TcpConversation talk;
  rig.shake_hands(talk);
  const Bytes hello = client_hello(kOther), data = support::application_data(500);
  rig.send(talk.data(0, hello));
  EXPECT_EQ(rig.send(talk.data(hello.size(), data)).fate.reason, FrameReason::pass_bulk);
  rig.send(talk.server_ack(hello.size() - 1));
  rig.send(talk.server_ack(hello.size() + data.size()));
  rig.send(talk.ack());
  EXPECT_EQ(rig.block().records_in_use, 0u);
  EXPECT_EQ(rig.send(talk.data(0, hello)).fate.reason, FrameReason::pass_bulk);
  EXPECT_EQ(rig.requests(Protocol::tls, Verdict::pass), 1u);
  // A second hello of the same connection is read.
  EXPECT_EQ(rig.send(talk.data(hello.size() + data.size(), client_hello(kListed))).fate.reason,
            FrameReason::drop_listed);
}

TEST(Retransmission, BytesThatWentAnotherWayAreCountedAndHoldNobodyUp) {
  Rig rig{"host:" + kListed};
  TcpConversation talk;
  rig.shake_hands(talk);
  rig.send(talk.data(0, kBenignGet.substr(0, 10)));
  rig.send(talk.server_ack(kBenignGet.size()));
  EXPECT_EQ(rig.uninspected(UninspectedReason::missed_bytes), 1u);
  EXPECT_EQ(rig.send(talk.data(kBenignGet.size(), kListedGet)).fate.reason, FrameReason::drop_listed);
}

TEST(Retransmission, AFinsAcknowledgementIsNoMissedByte) {
  Rig rig{"host:" + kListed};
  TcpConversation talk;
  rig.shake_hands(talk);
  rig.send(talk.data(0, kBenignGet));
  rig.send(talk.server_ack(kBenignGet.size() + 1));
  EXPECT_EQ(rig.uninspected(), 0u);
}

}  // namespace
}  // namespace parapet::packet
