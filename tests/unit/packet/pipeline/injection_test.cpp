// SPDX-License-Identifier: Apache-2.0
// Resets: right to the byte, one to each end, and never without a handshake.
#include <map>

#include "rig.h"

namespace parapet::packet {
namespace {

using support::client_hello;
using support::get;

TEST(Injection, BothEndsAreResetWithNumbersTheyTake) {
  for (const Ends& ends : {Ends{}, Ends::v6()}) {
    Rig rig{"host:" + kListed};
    TcpConversation talk(ends);
    rig.shake_hands(talk);
    const std::string listed = get(kListed);
    rig.send(talk.data(0, listed.substr(0, 20)));
    const Sent last = talk.data(20, listed.substr(20));
    const Seen seen = rig.send(last);
    ASSERT_EQ(seen.injections.size(), 2u);
    EXPECT_EQ(rig.actions(ActionKind::reset_to_client), 1u);
    EXPECT_EQ(rig.actions(ActionKind::reset_to_server), 1u);

    for (const Injection& injection : seen.injections) {
      const ByteView bytes = ByteView{injection.bytes}.first(injection.length);
      const Decoded decoded = decode(injection);
      ASSERT_EQ(decoded.outcome, DecodeOutcome::tcp) << "its IP header checksum fits too";
      EXPECT_TRUE(checksum_fits(bytes, decoded));
      EXPECT_EQ(decoded.payload_length, 0u);
      EXPECT_EQ(bytes[decoded.ip_offset + (decoded.flow.is_ipv4 ? 8 : 7)], 64);
      EXPECT_LE(injection.length, last.bytes.size());
      const Decoded sent = decode(last.bytes);
      if (injection.out == Side::subscriber) {
        EXPECT_EQ(decoded.flags, kTcpRst | kTcpAck);
        EXPECT_EQ(decoded.seq, talk.server_next());
        EXPECT_EQ(decoded.ack, talk.seq(listed.size()));
        EXPECT_EQ(decoded.flow.destination, sent.flow.source);
        EXPECT_EQ(decoded.flow.destination_port, ends.client_port);
        EXPECT_EQ(bytes[5], 1) << "to the client's MAC";
        EXPECT_EQ(bytes[11], 2);
      } else {
        EXPECT_EQ(decoded.flags, kTcpRst);
        EXPECT_EQ(decoded.seq, talk.seq(20));
        EXPECT_EQ(decoded.flow.destination, sent.flow.destination);
        EXPECT_EQ(decoded.flow.destination_port, ends.server_port);
        EXPECT_EQ(bytes[5], 2);
      }
    }
    EXPECT_NE(seen.injections[0].out, seen.injections[1].out);
    EXPECT_TRUE(rig.send(last).injections.empty()) << "once only";
  }
}

TEST(Injection, TagsAreKeptAndTheServersNumberIsWhereTheSegmentWasCut) {
  Rig rig{"host:" + kListed};
  const Ends ends;
  const auto tagged = [&] { return PacketBuilder(ends).tag(100, 0x88a8).tag(7); };
  rig.send({tagged().from_server().tcp(5000, 1001, kTcpSyn | kTcpAck), Side::transit});
  const std::string benign = get(kOther);
  rig.send({tagged().payload(benign).tcp(1001, 5001, kTcpAck), Side::subscriber});
  rig.send({tagged().from_server().payload("HTTP/1.1 204\r\n\r\n").tcp(5001, 1001, kTcpAck), Side::transit});
  const auto at = static_cast<std::uint32_t>(1001 + benign.size());
  const Seen seen = rig.send({tagged().payload(get(kListed)).tcp(at, 5019, kTcpAck), Side::subscriber});
  ASSERT_EQ(seen.injections.size(), 2u);
  for (const Injection& injection : seen.injections) {
    const Decoded decoded = decode(injection);
    EXPECT_EQ(decoded.ip_offset, 22);
    EXPECT_EQ(injection.length, 22 + 40);
    if (injection.out == Side::transit) {
      EXPECT_EQ(decoded.seq, at);
    }
  }
}

TEST(Injection, NoneWhereTheOperatorWantsDropAlone) {
  Rig rig{"host:" + kListed};
  rig.pipeline().set_actions(TcpAction::drop);
  TcpConversation talk;
  rig.shake_hands(talk);
  const Seen seen = rig.send(talk.data(0, get(kListed)));
  EXPECT_EQ(seen.fate.reason, FrameReason::drop_listed);
  EXPECT_TRUE(seen.injections.empty());
  EXPECT_EQ(rig.actions(ActionKind::reset_withheld), 0u);
}

TEST(Injection, WithheldWhileAnEarlierAnswerIsDue) {
  const std::string first = get(kOther);
  {
    Rig rig{"host:" + kListed};
    TcpConversation talk;
    rig.shake_hands(talk);
    rig.send(talk.data(0, first));
    const Seen pipelined = rig.send(talk.data(first.size(), get(kListed)));
    EXPECT_EQ(pipelined.fate.reason, FrameReason::drop_listed);
    EXPECT_TRUE(pipelined.injections.empty());
    EXPECT_EQ(rig.actions(ActionKind::reset_withheld), 1u);
  }
  Rig rig{"host:" + kListed};
  TcpConversation talk;
  rig.shake_hands(talk);
  rig.send(talk.data(0, first));
  rig.send(talk.answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", first.size()));
  EXPECT_EQ(rig.send(talk.data(first.size(), get(kListed))).injections.size(), 2u);
}

// The five sequences of "Weaponizing Middleboxes for TCP Reflected Amplification" (2021), and payload out of nowhere.
TEST(Injection, NoByteWithoutAHandshake) {
  const Ends ends;
  for (const Bytes& message : {client_hello(kListed), support::to_bytes(get(kListed))}) {
    const auto syn = Sent{PacketBuilder(ends).tcp(100, 0, kTcpSyn), Side::subscriber};
    const auto with = [&](std::uint8_t flags) {
      return Sent{PacketBuilder(ends).payload(message).tcp(flags == kTcpSyn ? 100 : 101,
                                                           (flags & kTcpAck) != 0 ? 77 : 0, flags),
                  Side::subscriber};
    };
    const std::vector<std::vector<Sent>> sequences{
        {with(kTcpSyn)},
        {with(kTcpPsh)},
        {with(kTcpPsh | kTcpAck)},
        {syn, with(kTcpPsh)},
        {syn, with(kTcpPsh | kTcpAck)},
        {with(kTcpAck)},
        {with(kTcpRst | kTcpAck)},
        {with(0)},
        // A handshake whose SYN-ACK was never acknowledged, and a wrong guess of the server's number.
        {syn, Sent{PacketBuilder(ends).from_server().tcp(5000, 101, kTcpSyn | kTcpAck), Side::transit},
         with(kTcpPsh | kTcpAck)},
    };
    for (const std::vector<Sent>& sequence : sequences) {
      Rig rig{"host:" + kListed};
      std::size_t injected = 0;
      bool stopped = false;
      for (int repeat = 0; repeat < 3; ++repeat) {
        for (const Seen& seen : rig.send_all(sequence)) {
          injected += seen.injections.size();
          stopped |= !seen.forwarded() || seen.fate.reason == FrameReason::pass_no_payload;  // a reset's data is none
        }
      }
      EXPECT_EQ(injected, 0u);
      EXPECT_TRUE(stopped);
    }
  }
}

TEST(Injection, IdentificationsOfResetsDiffer) {
  Rig rig{"host:" + kListed};
  std::map<std::uint16_t, int> identifications;
  for (std::uint16_t port = 1; port <= 50; ++port) {
    TcpConversation talk({"192.0.2.10", "198.51.100.20", port, 80});
    rig.shake_hands(talk);
    for (const Injection& injection : rig.send(talk.data(0, get(kListed))).injections) {
      ++identifications[load_be16(injection.bytes.data() + 14 + 4)];
    }
  }
  EXPECT_GT(identifications.size(), 90u);
}

TEST(Injection, AnOverwrittenHandshakeOnlyCostsTheReset) {
  PipelineOptions options = Rig::small();
  options.handshake_slots = 4;
  Rig rig({{"tiny", snapshot::ListState::enforce, {"host:" + kListed}}}, options);
  TcpConversation talk;
  rig.shake_hands(talk);
  for (std::uint16_t port = 1; port <= 40; ++port) {
    rig.wait(100'000'000);
    rig.send(TcpConversation({"192.0.2.77", "198.51.100.20", port, 80}).syn_ack());
  }
  const Seen seen = rig.send(talk.data(0, get(kListed)));
  EXPECT_EQ(seen.fate.reason, FrameReason::drop_listed);
  EXPECT_TRUE(seen.injections.empty());
  EXPECT_EQ(rig.actions(ActionKind::reset_withheld), 1u);
}

}  // namespace
}  // namespace parapet::packet
