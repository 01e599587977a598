// SPDX-License-Identifier: Apache-2.0
// Segments cut at any byte, in reverse order, twice, or far ahead.
#include <algorithm>

#include "rig.h"
#include "rounds.h"

namespace parapet::packet {
namespace {

using support::client_hello;
using support::get;
using support::to_bytes;

struct Cut {
  std::vector<std::size_t> at;  // rising offsets at which a new segment begins
  bool reversed = false;
  bool doubled = false;
};

std::vector<Sent> segments(const TcpConversation& talk, ByteView message, const Cut& cut) {
  std::vector<std::size_t> edges{0};
  edges.insert(edges.end(), cut.at.begin(), cut.at.end());
  edges.push_back(message.size());
  std::vector<Sent> all;
  for (std::size_t i = 0; i + 1 < edges.size(); ++i) {
    for (int copy = 0; copy < (cut.doubled ? 2 : 1); ++copy) {
      all.push_back(talk.data(edges[i], message.subspan(edges[i], edges[i + 1] - edges[i])));
    }
  }
  if (cut.reversed) std::reverse(all.begin(), all.end());
  return all;
}

// Sends it to a fresh pipeline; what the server's application has in the end.
std::string served(const Bytes& message, const Cut& cut) {
  Rig rig{"host:" + kListed};
  TcpConversation talk;
  rig.shake_hands(talk);
  Receiver server(talk.seq(0));
  for (const Sent& sent : segments(talk, message, cut)) {
    const Seen seen = rig.send(sent);
    if (seen.forwarded()) server.take(seen.bytes);
  }
  EXPECT_EQ(rig.uninspected(), 0u);
  return server.stream();
}

// The same with a message nobody listed: each frame goes on bit for bit, in order.
void expect_untouched(const Bytes& message, const Cut& cut) {
  Rig rig{"host:" + kListed};
  TcpConversation talk;
  rig.shake_hands(talk);
  for (const Sent& sent : segments(talk, message, cut)) {
    const Seen seen = rig.send(sent);
    ASSERT_TRUE(seen.forwarded()) << name_of(seen.fate.reason);
    ASSERT_EQ(seen.bytes, sent.bytes);
    ASSERT_FALSE(seen.fate.wipe);
  }
  ASSERT_EQ(rig.uninspected(), 0u);
}

void expect_stopped_at_every_cut(const Bytes& listed, const Bytes& control) {
  for (std::size_t at = 1; at < listed.size(); at += support::kStride) {
    for (const bool reversed : {false, true}) {
      for (const bool doubled : {false, true}) {
        const Cut cut{{at}, reversed, doubled};
        ASSERT_LT(served(listed, cut).size(), listed.size()) << at << reversed << doubled;
        if (at < control.size()) expect_untouched(control, cut);
        if (testing::Test::HasFatalFailure()) FAIL() << at << reversed << doubled;
      }
    }
  }
}

TEST(Order, AHelloCutAtEveryByteIsStopped) { expect_stopped_at_every_cut(client_hello(kListed), client_hello(kOther)); }

TEST(Order, AHelloInManyRecordsCutAtEveryByteIsStopped) {
  expect_stopped_at_every_cut(client_hello(kListed, 0, 7), client_hello(kOther, 0, 7));
}

TEST(Order, AnHttpRequestCutAtEveryByteIsStopped) {
  expect_stopped_at_every_cut(to_bytes(get(kListed)), to_bytes(get(kOther)));
}

TEST(Order, ARequestInOneByteSegmentsIsStoppedInBothOrders) {
  for (const Bytes& message : {client_hello(kListed), to_bytes(get(kListed))}) {
    Cut cut;
    for (std::size_t at = 1; at < message.size(); ++at) cut.at.push_back(at);
    EXPECT_LT(served(message, cut).size(), message.size());
    cut.reversed = true;
    EXPECT_LT(served(message, cut).size(), message.size());
    cut.doubled = true;
    EXPECT_LT(served(message, cut).size(), message.size());
  }
}

TEST(Order, ALongHelloIsStoppedInSegmentsOf300BytesInBothOrders) {
  const Bytes listed = client_hello(kListed, 6000, 512), control = client_hello(kOther, 6000, 512);
  Cut cut;
  for (std::size_t at = 300; at < listed.size(); at += 300) cut.at.push_back(at);
  EXPECT_LT(served(listed, cut).size(), listed.size());
  cut.reversed = true;
  EXPECT_LT(served(listed, cut).size(), listed.size());
  while (cut.at.back() >= control.size()) cut.at.pop_back();
  expect_untouched(control, cut);
}

TEST(Order, TheSecondRequestIsStoppedWhereverBothAreCut) {
  const std::string first = get(kOther), all = first + get(kListed);
  for (std::size_t at = 1; at < all.size(); at += support::kStride) {
    for (const bool reversed : {false, true}) {
      const std::string got = served(to_bytes(all), {{at}, reversed, false});
      ASSERT_LT(got.size(), all.size()) << at << reversed;
      if (!reversed) {
        ASSERT_GE(got.size(), first.size()) << at;
      }
    }
  }
}

TEST(Order, ASegmentTooFarAheadIsDroppedAndTakenWhenItsTurnComes) {
  Rig rig{"host:" + kListed};
  TcpConversation talk;
  rig.shake_hands(talk);
  const Bytes hello = client_hello(kListed, 30000, 4096);
  const ByteView view{hello};
  EXPECT_EQ(rig.send(talk.data(0, view.first(1000))).fate.reason, FrameReason::pass_pending);
  EXPECT_EQ(rig.send(talk.data(20000, view.subspan(20000, 1000))).fate.reason, FrameReason::drop_reorder_cap);
  std::size_t acknowledged = 0;
  std::size_t dropped = 0;
  for (std::size_t at = 1000; at < hello.size(); at += 1000) {
    const Seen seen = rig.send(talk.data(at, view.subspan(at, std::min<std::size_t>(1000, hello.size() - at))));
    if (!seen.forwarded()) {
      EXPECT_EQ(seen.fate.reason, FrameReason::drop_listed);
      ++dropped;
      break;
    }
    acknowledged = at + 1000;
    rig.send(talk.server_ack(acknowledged));
  }
  EXPECT_EQ(dropped, 1u);
  EXPECT_EQ(rig.uninspected(), 0u);
}

TEST(Order, TheFirstSegmentTooFarAheadIsDropped) {
  Rig rig{"host:" + kListed};
  TcpConversation talk;
  rig.shake_hands(talk);
  EXPECT_EQ(rig.send(talk.data(20000, std::string(100, 'x'))).fate.reason, FrameReason::drop_reorder_cap);
}

TEST(Order, BodiesNeedNoOrder) {
  Rig rig{"host:" + kListed};
  TcpConversation talk;
  rig.shake_hands(talk);
  const std::string post = support::post(kOther, std::string(100000, 'x'));
  const std::string all = post + get(kListed);
  const std::size_t head = post.size() - 100000;
  EXPECT_EQ(rig.send(talk.data(0, all.substr(0, head))).fate.reason, FrameReason::pass_unlisted);
  // The body's second half comes first.
  for (std::size_t at = head + 50000; at < post.size(); at += 1000) {
    EXPECT_EQ(rig.send(talk.data(at, all.substr(at, 1000))).fate.reason,
              at + 1000 <= post.size() ? FrameReason::pass_unlisted : FrameReason::pass_cut)
        << at;
  }
  for (std::size_t at = head; at < head + 50000; at += 1000) {
    EXPECT_EQ(rig.send(talk.data(at, all.substr(at, 1000))).fate.reason, FrameReason::pass_unlisted);
  }
  EXPECT_EQ(rig.send(talk.data(post.size(), get(kListed))).fate.reason, FrameReason::drop_listed);
  EXPECT_EQ(rig.uninspected(), 0u);
}

TEST(Order, AStreamIsPickedUpInItsMiddle) {
  Rig rig{"host:" + kListed};
  TcpConversation talk;  // no handshake was seen
  EXPECT_EQ(rig.send(talk.data(70000, std::string(900, '\x17'))).fate.reason, FrameReason::pass_bulk);
  EXPECT_EQ(rig.send(talk.data(70900, get(kOther))).fate.reason, FrameReason::pass_unlisted);
  const std::string listed = get(kListed);
  const std::size_t at = 70900 + get(kOther).size();
  EXPECT_EQ(rig.send(talk.data(at, listed.substr(0, 30))).fate.reason, FrameReason::pass_pending);
  EXPECT_EQ(rig.send(talk.data(at + 30, listed.substr(30))).fate.reason, FrameReason::drop_listed);
}

TEST(Order, ADecoyFurtherOnDoesNotHideTheBeginning) {
  // Without a handshake, and with one.
  for (const bool handshake : {false, true}) {
    Rig rig{"host:" + kListed};
    TcpConversation talk;
    if (handshake) rig.shake_hands(talk);
    PacketBuilder decoy(talk.ends());
    rig.send({decoy.payload(get(kOther)).tcp(talk.seq(30000), 12345, kTcpAck), Side::subscriber});
    const std::string listed = get(kListed);
    Receiver server(talk.seq(0));
    for (const std::size_t at : {std::size_t{0}, std::size_t{20}}) {
      const Seen seen = rig.send(talk.data(at, at == 0 ? listed.substr(0, 20) : listed.substr(20)));
      if (seen.forwarded()) server.take(seen.bytes);
    }
    EXPECT_LT(server.stream().size(), listed.size());
  }
}

TEST(Order, AListedDecoyFurtherOnDoesNotHideTheBeginningEither) {
  const Bytes listed = client_hello(kListed);
  for (const bool handshake : {false, true}) {
    for (std::size_t at = 1; at < listed.size(); at += support::kStride) {
      for (const bool reversed : {false, true}) {
        Rig rig{"host:" + kListed};
        TcpConversation talk;
        if (handshake) rig.shake_hands(talk);
        rig.send(
            {PacketBuilder(talk.ends()).payload(get(kListed)).tcp(talk.seq(30000), 12345, kTcpAck), Side::subscriber});
        Receiver server(talk.seq(0));
        for (const Sent& sent : segments(talk, listed, {{at}, reversed, true})) {
          const Seen seen = rig.send(sent);
          if (seen.forwarded()) server.take(seen.bytes);
        }
        ASSERT_LT(server.stream().size(), listed.size()) << handshake << at << reversed;
      }
    }
  }
}

TEST(Order, ANewConnectionBetweenTheSameEndsIsReadThoughItsHandshakeWasNotSeen) {
  for (const std::uint32_t new_isn : {100u, 4'000'000u, 2'500'000'000u}) {
    Rig rig{"host:" + kListed};
    TcpConversation old({}, 1'000'000, 5000);
    rig.shake_hands(old);
    EXPECT_EQ(rig.send(old.data(0, get(kOther))).fate.reason, FrameReason::pass_unlisted);
    rig.send(old.server_ack(get(kOther).size()));
    rig.wait(20 * kNanosecondsPerSecond);
    TcpConversation talk({}, new_isn, 9'000'000);
    rig.send(talk.syn());
    EXPECT_EQ(rig.send(talk.data(0, get(kOther))).fate.reason, FrameReason::pass_unlisted) << new_isn;
    EXPECT_EQ(rig.send(talk.data(get(kOther).size(), get(kListed))).fate.reason, FrameReason::drop_listed) << new_isn;
  }
}

TEST(Order, ResetAndFinEndNothing) {
  Rig rig{"host:" + kListed};
  TcpConversation talk;
  rig.shake_hands(talk);
  const std::string listed = get(kListed);
  rig.send(talk.data(0, listed.substr(0, 30)));
  rig.send({PacketBuilder(talk.ends()).tcp(talk.seq(30), talk.server_next(), kTcpRst), Side::subscriber});
  rig.send({PacketBuilder(talk.ends()).tcp(talk.seq(30), talk.server_next(), kTcpFin | kTcpAck), Side::subscriber});
  rig.send({PacketBuilder(talk.ends()).from_server().tcp(talk.server_next(), talk.seq(30), kTcpRst | kTcpAck),
            Side::transit});
  EXPECT_EQ(rig.send(talk.data(30, listed.substr(30))).fate.reason, FrameReason::drop_listed);
}

TEST(Order, OddFlagsOnDataAreReadAsData) {
  for (const std::uint8_t flags : {std::uint8_t{kTcpFin | kTcpAck}, std::uint8_t{kTcpUrg | kTcpAck}}) {
    Rig rig{"host:" + kListed};
    TcpConversation talk;
    rig.shake_hands(talk);
    EXPECT_EQ(rig.send(talk.data(0, support::to_bytes(get(kListed)), flags)).fate.reason, FrameReason::drop_listed);
  }
}

TEST(Order, DataWithoutAckIsDroppedAndTheDataOfAResetIsNoData) {
  Rig rig{"host:" + kListed};
  TcpConversation talk;
  rig.shake_hands(talk);
  const Bytes decoy = support::to_bytes(get(kOther));
  EXPECT_EQ(rig.send(talk.data(0, decoy, kTcpPsh)).fate.reason, FrameReason::drop_invalid_segment);
  EXPECT_EQ(rig.send(talk.data(0, decoy, kTcpRst | kTcpAck)).fate.reason, FrameReason::pass_no_payload);
  EXPECT_EQ(rig.send(talk.data(0, get(kListed))).fate.reason, FrameReason::drop_listed);
}

TEST(Order, AWrongChecksumChangesNothing) {
  Rig rig{"host:" + kListed};
  TcpConversation talk;
  rig.shake_hands(talk);
  PacketBuilder decoy(talk.ends());
  decoy.payload(get(kOther)).bad_checksum();
  EXPECT_EQ(rig.send({decoy.tcp(talk.seq(0), talk.server_next(), kTcpAck), Side::subscriber}).fate.reason,
            FrameReason::pass_bad_checksum);
  EXPECT_EQ(rig.block().checksums_bad, 1u);
  EXPECT_EQ(rig.send(talk.data(0, get(kListed))).fate.reason, FrameReason::drop_listed);
}

TEST(Order, PayloadOfASynIsCutOffWhereItIsUnfinished) {
  Rig rig{"host:" + kListed};
  TcpConversation talk;
  const std::string listed = get(kListed);
  const auto syn = [&](std::string_view text) {
    return Sent{PacketBuilder(talk.ends()).payload(text).tcp(talk.seq(0) - 1, 0, kTcpSyn), Side::subscriber};
  };
  EXPECT_EQ(rig.send(syn(listed)).fate.reason, FrameReason::drop_listed);
  const Seen cut = rig.send(syn(listed.substr(0, 30)));
  EXPECT_EQ(cut.fate.reason, FrameReason::pass_cut);
  EXPECT_EQ(decode(cut.bytes).payload_length, 0u);
  EXPECT_TRUE(checksum_fits(cut.bytes, decode(cut.bytes)));
  const Sent benign = syn(get(kOther));
  EXPECT_EQ(rig.send(benign).bytes, benign.bytes);
  // What the SYN-ACK does not acknowledge is read anew behind the handshake.
  rig.send(talk.syn_ack());
  EXPECT_EQ(rig.send(talk.data(0, listed)).fate.reason, FrameReason::drop_listed);
}

}  // namespace
}  // namespace parapet::packet
