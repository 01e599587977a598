// SPDX-License-Identifier: Apache-2.0
// Listed questions are stopped over TCP and UDP, on every port (D4, D8).
#include "rig.h"

namespace parapet::packet {
namespace {

using support::dns_query;

Bytes over_tcp(std::initializer_list<std::string_view> names) {
  const Bytes message = dns_query(names);
  Bytes out;
  support::append_be16(out, message.size());
  support::append(out, message);
  return out;
}

TEST(Dns, D4_AListedQuestionOverTcpIsStoppedOnEveryPort) {
  for (const std::uint16_t server_port : std::initializer_list<std::uint16_t>{53, 853, 80, 4000}) {
    Rig rig{"domain:" + kListed};
    TcpConversation listed({"192.0.2.10", "198.51.100.20", 1, server_port});
    rig.shake_hands(listed);
    const Bytes first = over_tcp({kOther});
    EXPECT_EQ(rig.send(listed.data(0, first)).fate.reason, FrameReason::pass_unlisted);
    const Seen seen = rig.send(listed.data(first.size(), over_tcp({kOther, "Sub." + kListed})));
    EXPECT_EQ(seen.fate.reason, FrameReason::drop_listed);
    EXPECT_TRUE(seen.fate.wipe);
    EXPECT_EQ(rig.requests(Protocol::dns, Verdict::pass), 2u);
    EXPECT_EQ(rig.requests(Protocol::dns, Verdict::block), 1u);
    EXPECT_EQ(rig.uninspected(), 0u);
  }
}

TEST(Dns, D4_ALengthAndAMessageMayComeByteByByte) {
  for (const std::string& name : {kListed, kOther}) {
    Rig rig{"host:" + kListed};
    TcpConversation talk({"192.0.2.10", "198.51.100.20", 1, 53});
    rig.shake_hands(talk);
    const Bytes stream = over_tcp({name});
    std::size_t forwarded = 0;
    for (std::size_t at = 0; at < stream.size(); ++at) {
      forwarded += rig.send(talk.data(at, ByteView{stream}.subspan(at, 1))).forwarded() ? 1 : 0;
    }
    EXPECT_EQ(forwarded, stream.size() - (name == kListed ? 1 : 0));
  }
}

TEST(Dns, D8_AListedQuestionOverUdpIsStoppedOnEveryPortButThoseOfMulticast) {
  Rig rig{"host:" + kListed};
  const auto ask = [&](std::uint16_t port, const std::string& name) {
    const Ends ends{"192.0.2.10", "198.51.100.20", 1, port};
    return rig.send({PacketBuilder(ends).payload(dns_query({name})).udp(), Side::subscriber}).fate.reason;
  };
  for (const std::uint16_t port : std::initializer_list<std::uint16_t>{53, 443, 5300, 65535}) {
    EXPECT_EQ(ask(port, kListed), FrameReason::drop_listed) << port;
    EXPECT_EQ(ask(port, kOther), FrameReason::pass_unlisted) << port;
  }
  EXPECT_EQ(ask(5353, kListed), FrameReason::pass_bulk);
  EXPECT_EQ(ask(5355, kListed), FrameReason::pass_bulk);
}

}  // namespace
}  // namespace parapet::packet
