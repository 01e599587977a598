// SPDX-License-Identifier: Apache-2.0
// A list that has ended, or is not meant for this subscriber, stops nothing, in no protocol.
#include "quic_builder.h"
#include "rig.h"

namespace parapet::packet {
namespace {

using snapshot::ListState;
using support::selector;
using support::TinyEntries;

// The rig's time begins at second 1000.
constexpr std::uint32_t kBeginS = 1000;

// One request of each protocol from one subscriber; each asks on a connection of its own.
class Asking {
 public:
  explicit Asking(Rig& rig) : rig_(rig) {}

  // How many of HTTP, TLS, QUIC, DNS over UDP and DNS over TCP are stopped: all or none.
  bool all_stopped(Ends ends = {}, Realm realm = {}) {
    const int stopped =
        http(ends, realm) + tls(ends, realm) + quic(ends, realm) + dns(ends, realm) + dns_tcp(ends, realm);
    EXPECT_TRUE(stopped == 0 || stopped == 5) << stopped;
    return stopped == 5;
  }

 private:
  bool on_stream(Ends ends, std::uint16_t port, const Bytes& request, Realm realm) {
    ends.client_port = next_port_++;
    ends.server_port = port;
    const TcpConversation talk(ends);
    for (const Sent& sent : talk.handshake()) rig_.send(sent, LinkType::ethernet, realm);
    return !rig_.send(talk.data(0, ByteView{request}), LinkType::ethernet, realm).forwarded();
  }
  bool in_datagram(Ends ends, std::uint16_t port, const Bytes& payload, Realm realm) {
    ends.client_port = next_port_++;
    ends.server_port = port;
    return !rig_.send({PacketBuilder(ends).payload(payload).udp(), Side::subscriber}, LinkType::ethernet, realm)
                .forwarded();
  }
  bool http(const Ends& ends, Realm realm) {
    return on_stream(ends, 80, support::to_bytes(support::get(kListed)), realm);
  }
  bool tls(const Ends& ends, Realm realm) { return on_stream(ends, 443, support::client_hello(kListed), realm); }
  bool quic(const Ends& ends, Realm realm) {
    const Bytes message = support::TlsHello().server_name(kListed).message();
    return in_datagram(
        ends, 443, support::QuicInitial(support::quic_id(next_port_)).crypto(0, message).padded_to(1200).seal(), realm);
  }
  bool dns(const Ends& ends, Realm realm) { return in_datagram(ends, 53, support::dns_query({kListed}), realm); }
  bool dns_tcp(const Ends& ends, Realm realm) {
    const Bytes query = support::dns_query({kListed});
    Bytes message{0, static_cast<std::uint8_t>(query.size())};
    message.insert(message.end(), query.begin(), query.end());
    return on_stream(ends, 53, message, realm);
  }

  Rig& rig_;
  std::uint16_t next_port_ = 20000;
};

Ends from(const std::string& client) {
  Ends ends;
  ends.client = client;
  if (!ends.is_ipv4()) ends.server = "2001:db8:1::20";
  return ends;
}

TEST(StandingInThePipeline, WhatIsListedIsServedFromItsEndOn) {
  for (const bool by_list : {true, false}) {
    const std::string until = by_list ? "" : " until 1010";
    Rig rig({TinyEntries{.entries = {"host:" + kListed + until}, .ends_s = by_list ? kBeginS + 10 : 0}});
    Asking asking(rig);
    EXPECT_TRUE(asking.all_stopped());
    rig.wait(10 * kNanosecondsPerSecond - 1);
    EXPECT_TRUE(asking.all_stopped());
    rig.wait(1);
    EXPECT_FALSE(asking.all_stopped());
    EXPECT_EQ(rig.uninspected(), 0u);
    EXPECT_EQ(rig.block().list_hits[0][index_of(Protocol::tls)], 2u) << "what has ended is no hit";
  }
}

TEST(StandingInThePipeline, WhatNobodyConfirmsGoesOnAsShadow) {
  Rig rig({TinyEntries{.entries = {"host:" + kListed}, .shadow_from_s = kBeginS + 10}});
  Asking asking(rig);
  EXPECT_TRUE(asking.all_stopped());
  rig.wait(10 * kNanosecondsPerSecond);
  EXPECT_FALSE(asking.all_stopped());
  EXPECT_EQ(rig.requests(Protocol::quic, Verdict::shadow), 1u);
  EXPECT_EQ(rig.block().list_hits[0][index_of(Protocol::quic)], 2u);
}

TEST(StandingInThePipeline, TheSnapshotsOwnTimeEndsAListNotTheMonotonicClock) {
  Rig rig({TinyEntries{.entries = {"host:" + kListed}, .ends_s = 5'000'000}});
  rig.set_ahead((5'000'000 - kBeginS) * kNanosecondsPerSecond - 1);
  Asking asking(rig);
  EXPECT_TRUE(asking.all_stopped());
  rig.wait(1);
  EXPECT_FALSE(asking.all_stopped());
}

TEST(StandingInThePipeline, AListIsForItsRealmsAndPrefixesExceptTheExempt) {
  Rig rig({TinyEntries{.entries = {"host:" + kListed},
                       .applies_to = {selector({2}), selector({}, {"192.0.2.0/25", "2001:db8:7::/48"})},
                       .exempt = {selector({2}, {"192.0.2.64/26"})}}});
  Asking asking(rig);
  EXPECT_TRUE(asking.all_stopped(from("203.0.113.1"), {2}));
  EXPECT_FALSE(asking.all_stopped(from("203.0.113.1"), {1}));
  EXPECT_TRUE(asking.all_stopped(from("192.0.2.10"), {1}));
  EXPECT_FALSE(asking.all_stopped(from("192.0.2.200"), {1}));
  EXPECT_TRUE(asking.all_stopped(from("192.0.2.65"), {1}));
  EXPECT_FALSE(asking.all_stopped(from("192.0.2.65"), {2}));
  EXPECT_TRUE(asking.all_stopped(from("2001:db8:7:1::1"), {1}));
  EXPECT_FALSE(asking.all_stopped(from("2001:db8:8:1::1"), {1}));
}

TEST(StandingInThePipeline, AnotherListGoesOnWhereOneEndsOrExempts) {
  Rig rig({TinyEntries{.name = "ends", .entries = {"host:" + kListed}, .ends_s = 1},
           TinyEntries{.name = "exempts", .entries = {"domain:" + kListed}, .exempt = {selector({0})}},
           TinyEntries{.name = "shadow", .state = ListState::shadow, .entries = {"host:" + kListed}}});
  Asking asking(rig);
  EXPECT_FALSE(asking.all_stopped());
  EXPECT_EQ(rig.requests(Protocol::tls, Verdict::shadow), 1u);
  EXPECT_TRUE(asking.all_stopped({}, {1}));
}

}  // namespace
}  // namespace parapet::packet
