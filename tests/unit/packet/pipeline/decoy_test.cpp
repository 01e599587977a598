// SPDX-License-Identifier: Apache-2.0
// Segments that servers refuse, marks that they read in different ways, and streams of which one direction is seen.
#include "rig.h"

namespace parapet::packet {
namespace {

using support::client_hello;
using support::get;

// Puts options at the end of a frame's TCP header and makes its lengths and checksums right again.
Bytes add_options(Bytes frame, const Bytes& options) {
  const Decoded d = decode(frame);
  frame.insert(frame.begin() + d.payload_offset, options.begin(), options.end());
  std::uint8_t* ip = frame.data() + d.ip_offset;
  std::uint8_t* tcp = frame.data() + d.l4_offset;
  tcp[12] = static_cast<std::uint8_t>((d.payload_offset - d.l4_offset + options.size()) / 4 << 4);
  store_be16(ip + 2, static_cast<std::uint16_t>(load_be16(ip + 2) + options.size()));
  store_be16(ip + 10, 0);
  store_be16(ip + 10, support::internet_checksum({ByteView{ip, 20}}));
  store_be16(tcp + 16, 0);
  const std::size_t length = frame.size() - d.l4_offset;
  Bytes pseudo{0, 6, 0, 0};
  store_be16(pseudo.data() + 2, static_cast<std::uint16_t>(length));
  store_be16(tcp + 16, support::internet_checksum({ByteView{ip + 12, 8}, pseudo, ByteView{tcp, length}}));
  return frame;
}

Sent with_options(const TcpConversation& talk, std::size_t offset, std::string_view text, const Bytes& options) {
  return {add_options(talk.data(offset, text).bytes, options), Side::subscriber};
}

Bytes timestamp(std::uint32_t value) {
  Bytes option{1, 1, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0};
  store_be32(option.data() + 4, value);
  return option;
}

// The server's SYN-ACK with timestamps; it echoes the client's.
Sent syn_ack_with_timestamp(const TcpConversation& talk, std::uint32_t echo) {
  Bytes options = timestamp(1);
  store_be32(options.data() + 8, echo);
  return {add_options(talk.syn_ack().bytes, options), Side::transit};
}

TEST(Decoy, AnOldTimestampIsDroppedAndTheTrueBytesGoOnAsTheyCame) {
  Rig rig{"host:" + kListed};
  const TcpConversation talk;
  rig.send(talk.syn());
  rig.send(syn_ack_with_timestamp(talk, 1'000'000));
  rig.send(talk.ack());
  EXPECT_EQ(rig.send(with_options(talk, 0, get(kListed), timestamp(400'000))).fate.reason,
            FrameReason::drop_invalid_segment);
  const Sent truth = with_options(talk, 0, get(kOther), timestamp(1'000'001));
  const Seen seen = rig.send(truth);
  EXPECT_EQ(seen.fate.reason, FrameReason::pass_unlisted);
  EXPECT_EQ(seen.bytes, truth.bytes);
  EXPECT_EQ(rig.send(with_options(talk, get(kOther).size(), get(kListed), timestamp(999'999))).fate.reason,
            FrameReason::drop_invalid_segment);
  EXPECT_EQ(rig.send(with_options(talk, get(kOther).size(), get(kListed), timestamp(1'000'000))).fate.reason,
            FrameReason::drop_listed)
      << "one tick older is taken, as Linux takes it";
}

TEST(Decoy, WithoutAnAgreementTimestampsMeanNothing) {
  Rig rig{"host:" + kListed};
  const TcpConversation talk;
  rig.shake_hands(talk);
  EXPECT_EQ(rig.send(with_options(talk, 0, get(kOther), timestamp(500))).fate.reason, FrameReason::pass_unlisted);
  EXPECT_EQ(rig.send(with_options(talk, get(kOther).size(), get(kListed), timestamp(5))).fate.reason,
            FrameReason::drop_listed);
}

TEST(Decoy, ASignatureNobodyAgreedOnIsDropped) {
  Rig rig{"host:" + kListed};
  const TcpConversation talk;
  rig.shake_hands(talk);
  Bytes signature{1, 1, 19, 18};
  signature.resize(20, 7);
  EXPECT_EQ(rig.send(with_options(talk, 0, get(kOther), signature)).fate.reason, FrameReason::drop_invalid_segment);
  EXPECT_EQ(rig.send(talk.data(0, get(kListed))).fate.reason, FrameReason::drop_listed);
  EXPECT_EQ(rig.send(with_options(talk, 0, get(kListed), signature)).forwarded(), false);
}

TEST(Decoy, AnAckFromBeforeTheConnectionIsDropped) {
  Rig rig{"host:" + kListed};
  const TcpConversation talk;
  rig.shake_hands(talk);
  PacketBuilder decoy(talk.ends());
  decoy.payload(get(kOther));
  EXPECT_EQ(rig.send({decoy.tcp(talk.seq(0), talk.server_next() - 66000, kTcpAck), Side::subscriber}).fate.reason,
            FrameReason::drop_invalid_segment);
  const Sent truth = talk.data(0, get(kOther));
  EXPECT_EQ(rig.send(truth).bytes, truth.bytes);
}

TEST(Decoy, TheUrgentMarkIsTakenOffSoThatAllServersReadTheSame) {
  Rig rig{"host:" + kListed};
  const TcpConversation talk;
  rig.shake_hands(talk);
  const std::string text = "GXET / HTTP/1.1\r\nHost: " + kOther + "\r\n\r\n";
  Sent sent = talk.data(0, support::to_bytes(text), kTcpAck | kTcpUrg);
  const Decoded d = decode(sent.bytes);
  sent.bytes[d.l4_offset + 19] = 2;
  std::uint8_t* checksum = sent.bytes.data() + d.l4_offset + 16;
  store_be16(checksum, static_cast<std::uint16_t>(load_be16(checksum) - 2));
  ASSERT_TRUE(checksum_fits(sent.bytes, d));
  const Seen seen = rig.send(sent);
  EXPECT_EQ(seen.fate.reason, FrameReason::pass_unlisted);
  const Decoded after = decode(seen.bytes);
  EXPECT_EQ(after.flags & kTcpUrg, 0);
  EXPECT_TRUE(checksum_fits(seen.bytes, after));
  EXPECT_EQ(rig.actions(ActionKind::rewritten_urgent), 1u);
}

TEST(Decoy, MultipathIsTakenOutOfASyn) {
  Rig rig{"host:" + kListed};
  const TcpConversation talk;
  const Seen seen =
      rig.send({add_options(PacketBuilder(talk.ends()).tcp(1000, 0, kTcpSyn), {30, 4, 0, 1}), Side::subscriber});
  const Decoded d = decode(seen.bytes);
  ASSERT_TRUE(seen.forwarded());
  EXPECT_EQ(load_be32(seen.bytes.data() + d.l4_offset + 20), 0x01010101u);
  EXPECT_TRUE(checksum_fits(seen.bytes, d));
  EXPECT_EQ(rig.actions(ActionKind::rewritten_mptcp), 1u);
}

// The first decoy finds no record; the reading must turn to where the handshake says all the same.
TEST(Decoy, NumbersFarOffDoNotHideTheTrueStream) {
  for (const std::uint32_t offset : {0x40000001u, 0x80000000u, 0xc0000001u, 0x55555555u}) {
    Rig rig{"host:" + kListed};
    const TcpConversation talk;
    rig.shake_hands(talk);
    rig.send(talk.data(offset, get(kOther).substr(0, 20)));
    EXPECT_EQ(rig.send(talk.data(0, get(kListed).substr(0, 20))).fate.reason, FrameReason::pass_pending) << offset;
    EXPECT_EQ(rig.send(talk.data(20, get(kListed).substr(20))).fate.reason, FrameReason::drop_listed) << offset;
  }
}

TEST(OneDirection, SegmentsInTheWrongOrderAreReadFromTheSynOn) {
  for (const bool split_handshake : {false, true}) {
    Rig rig{"host:" + kListed};
    const TcpConversation talk;
    const Bytes hello = client_hello(kListed);
    rig.send({PacketBuilder(talk.ends())
                  .tcp(talk.seq(0) - 1, split_handshake ? 77u : 0u, split_handshake ? kTcpSyn | kTcpAck : kTcpSyn),
              Side::subscriber});
    const auto part = [&](std::size_t from, std::size_t to) {
      return talk.data(from, ByteView{hello}.subspan(from, to - from));
    };
    EXPECT_EQ(rig.send(part(hello.size() / 2, hello.size())).fate.reason, FrameReason::pass_pending);
    const Seen seen = rig.send(part(0, hello.size() / 2));
    EXPECT_EQ(seen.fate.reason, FrameReason::drop_listed);
    EXPECT_TRUE(seen.injections.empty()) << "no server was seen";
  }
}

}  // namespace
}  // namespace parapet::packet
