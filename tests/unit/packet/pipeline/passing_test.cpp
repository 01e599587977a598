// SPDX-License-Identifier: Apache-2.0
// What is no request leaves as it came, under its own reason.
#include "rig.h"

namespace parapet::packet {
namespace {

Bytes ethernet(std::uint16_t type, std::size_t length) {
  Bytes frame(length, 0xa5);
  store_be16(frame.data() + 12, type);
  return frame;
}

TEST(Passing, EveryFrameLeavesWithItsReasonBitForBit) {
  Rig rig{"host:" + kListed};
  TcpConversation talk;
  Ends udp_ends;
  udp_ends.server_port = 4433;
  Bytes fragment = PacketBuilder(Ends{}).payload("GET / HTTP/1.1\r\nX: y").tcp(1, 2, kTcpAck);
  store_be16(fragment.data() + 14 + 6, 0x2000);
  store_be16(fragment.data() + 14 + 10, 0);
  store_be16(fragment.data() + 14 + 10, support::internet_checksum({ByteView{fragment}.subspan(14, 20)}));
  Bytes icmp = PacketBuilder(Ends{}).payload("x").udp();
  icmp[14 + 9] = 1;
  store_be16(icmp.data() + 14 + 10, 0);
  store_be16(icmp.data() + 14 + 10, support::internet_checksum({ByteView{icmp}.subspan(14, 20)}));

  const std::vector<std::pair<Sent, FrameReason>> frames{
      {{ethernet(0x88cc, 60), Side::subscriber}, FrameReason::pass_not_ip},
      {{ethernet(0x8809, 124), Side::transit}, FrameReason::pass_not_ip},
      {{ethernet(0x0806, 60), Side::transit}, FrameReason::pass_not_ip},
      {{ethernet(0x0800, 9216), Side::subscriber}, FrameReason::pass_malformed},
      {{Bytes(5), Side::subscriber}, FrameReason::pass_malformed},
      {{fragment, Side::subscriber}, FrameReason::pass_fragment},
      {{fragment, Side::transit}, FrameReason::pass_fragment},
      {{icmp, Side::subscriber}, FrameReason::pass_other_protocol},
      {{PacketBuilder(udp_ends).payload("bulk").udp(), Side::subscriber}, FrameReason::pass_bulk},
      {{PacketBuilder(udp_ends).from_server().payload("bulk").udp(), Side::transit}, FrameReason::pass_from_transit},
      {talk.syn(), FrameReason::pass_no_payload},
      {talk.syn_ack(), FrameReason::pass_from_transit},
      {talk.ack(), FrameReason::pass_no_payload},
      {talk.data(0, "SSH-2.0-client\r\n"), FrameReason::pass_bulk},
      {talk.data(16, std::string(1000, '\0')), FrameReason::pass_bulk},
      {talk.answer("SSH-2.0-server\r\n", 1016), FrameReason::pass_from_transit},
      {{PacketBuilder(Ends{}).tag(5).payload("x").trailer(20).tcp(9, 9, kTcpAck), Side::transit},
       FrameReason::pass_from_transit},
  };
  for (const auto& [sent, reason] : frames) {
    const std::uint64_t before = rig.reason(reason);
    const Seen seen = rig.send(sent);
    EXPECT_EQ(name_of(seen.fate.reason), name_of(reason));
    EXPECT_EQ(seen.bytes, sent.bytes);
    EXPECT_EQ(rig.reason(reason), before + 1);
  }
  EXPECT_EQ(rig.uninspected(), 0u);
}

TEST(Passing, ABurstIsJudgedInItsOrder) {
  Rig rig{"host:" + kListed};
  TcpConversation talk;
  std::vector<Sent> sent = talk.handshake();
  sent.push_back(talk.data(0, support::get(kOther)));
  sent.push_back(talk.data(support::get(kOther).size(), support::get(kListed)));
  std::vector<Frame> frames;
  for (Sent& one : sent) {
    frames.push_back(
        {one.bytes.data(), static_cast<std::uint32_t>(one.bytes.size()), one.side, {}, LinkType::ethernet});
  }
  std::vector<Fate> fates(frames.size());
  InjectionQueue injections;
  rig.pipeline().process(frames, fates, &rig.snapshot(), rig.now(), injections);
  EXPECT_EQ(fates[3].reason, FrameReason::pass_unlisted);
  EXPECT_EQ(fates[4].reason, FrameReason::drop_listed);
}

class Recorder final : public RequestSink {
 public:
  void request(const Seen& seen) override {
    lines.push_back(std::string(name_of(seen.protocol)) + " " + std::string(name_of(seen.verdict)) + " " +
                    support::to_text(seen.host) + support::to_text(seen.target) + " " +
                    std::to_string(seen.matched.size()) + " " + std::to_string(seen.flow->source_port));
  }
  std::vector<std::string> lines;
};

TEST(Passing, TheSinkIsToldOfEachRequest) {
  Rig rig{"host:" + kListed};
  Recorder recorder;
  rig.pipeline().set_request_sink(&recorder);
  TcpConversation talk;
  rig.shake_hands(talk);
  rig.send(talk.data(0, support::get(kOther, "/a?b") + support::get(kListed)));
  Ends dns;
  dns.server_port = 53;
  rig.send({PacketBuilder(dns).payload(support::dns_query({"www.example.test"})).udp(), Side::subscriber});
  const std::vector<std::string> expected{"http pass other.example.test/a?b 0 40000",
                                          "http block listed.example.test/ 1 40000",
                                          "dns pass www.example.test 0 40000"};
  EXPECT_EQ(recorder.lines, expected);
}

}  // namespace
}  // namespace parapet::packet
