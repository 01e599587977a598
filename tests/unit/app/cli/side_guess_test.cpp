// SPDX-License-Identifier: Apache-2.0
// Which side a frame of a capture came from.
#include "app/cli/side_guess.h"

#include <gtest/gtest.h>

#include "packet_builder.h"
#include "requests.h"

namespace parapet::cli {
namespace {

using packet::kTcpAck;
using packet::kTcpSyn;
using support::Bytes;
using support::Ends;
using support::PacketBuilder;

class Guessing {
 public:
  explicit Guessing(std::vector<AddressPrefix> subscribers = {}) : guess_(std::move(subscribers)) {}
  Side operator()(const Bytes& frame) {
    return guess_.side_of(frame, packet::decode_packet(frame, packet::LinkType::ethernet));
  }
  const SideGuess& guess() const { return guess_; }

 private:
  SideGuess guess_;
};

// Ports in the order that the port rule would guess wrongly.
const Ends kOdd{"192.0.2.10", "198.51.100.20", 1000, 8080};

TEST(SideGuess, TheSenderOfASynIsTheClient) {
  Guessing side;
  EXPECT_EQ(side(PacketBuilder(kOdd).tcp(1, 0, kTcpSyn)), Side::subscriber);
  EXPECT_EQ(side(PacketBuilder(kOdd).from_server().tcp(9, 2, kTcpSyn | kTcpAck)), Side::transit);
  EXPECT_EQ(side(PacketBuilder(kOdd).tcp(2, 10, kTcpAck)), Side::subscriber);
  EXPECT_EQ(side(PacketBuilder(kOdd).from_server().payload("GET / HTTP/1.1\r\n").tcp(10, 2, kTcpAck)), Side::transit);
}

TEST(SideGuess, TheReceiverOfASynAckIsTheClient) {
  Guessing side;
  EXPECT_EQ(side(PacketBuilder(kOdd).from_server().tcp(9, 2, kTcpSyn | kTcpAck)), Side::transit);
  EXPECT_EQ(side(PacketBuilder(kOdd).tcp(2, 10, kTcpAck)), Side::subscriber);
}

TEST(SideGuess, WithoutAHandshakeTheFirstRequestTellsTheClient) {
  Guessing side;
  EXPECT_EQ(side(PacketBuilder(kOdd).tcp(2, 10, kTcpAck)), Side::transit);  // by the ports, not kept
  EXPECT_EQ(side(PacketBuilder(kOdd).payload(support::client_hello("www.example.test")).tcp(2, 10, kTcpAck)),
            Side::subscriber);
  EXPECT_EQ(side(PacketBuilder(kOdd).tcp(2, 10, kTcpAck)), Side::subscriber);
  EXPECT_EQ(side(PacketBuilder(kOdd).from_server().tcp(10, 2, kTcpAck)), Side::transit);
}

TEST(SideGuess, ANewHandshakeOnTheSamePortsCountsAnew) {
  Guessing side;
  EXPECT_EQ(side(PacketBuilder(kOdd).tcp(1, 0, kTcpSyn)), Side::subscriber);
  EXPECT_EQ(side(PacketBuilder(kOdd).from_server().tcp(1, 0, kTcpSyn)), Side::subscriber);
  EXPECT_EQ(side(PacketBuilder(kOdd).tcp(1, 2, kTcpAck)), Side::transit);
}

TEST(SideGuess, FlowsOfOtherPortsAddressesAndFamiliesAreKeptApart) {
  Guessing side;
  Ends v6 = Ends::v6();
  v6.client_port = 1000;
  v6.server_port = 8080;
  EXPECT_EQ(side(PacketBuilder(kOdd).tcp(1, 0, kTcpSyn)), Side::subscriber);
  EXPECT_EQ(side(PacketBuilder(v6).from_server().tcp(1, 0, kTcpSyn)), Side::subscriber);
  EXPECT_EQ(side(PacketBuilder(kOdd).tcp(2, 0, kTcpAck)), Side::subscriber);
  EXPECT_EQ(side(PacketBuilder(v6).tcp(2, 0, kTcpAck)), Side::transit);
}

TEST(SideGuess, ADnsQueryComesFromTheClientAlsoBetweenTwoServers) {
  Guessing side;
  const Bytes query{0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0}, response{0, 1, 0x81, 0, 0, 1, 0, 0, 0, 0, 0, 0};
  const Ends ends{"192.0.2.10", "198.51.100.20", 53, 53};
  EXPECT_EQ(side(PacketBuilder(ends).payload(query).udp()), Side::subscriber);
  EXPECT_EQ(side(PacketBuilder(ends).from_server().payload(response).udp()), Side::transit);
  EXPECT_EQ(side(PacketBuilder(ends).from_server().payload(query).udp()), Side::subscriber);
  const Ends low{"192.0.2.10", "198.51.100.20", 52, 53};
  EXPECT_EQ(side(PacketBuilder(low).from_server().payload(response).udp()), Side::transit);
}

TEST(SideGuess, OverOtherUdpTheFirstSenderIsTheClient) {
  Guessing side;
  const Ends ends{"192.0.2.10", "198.51.100.20", 443, 40000};
  EXPECT_EQ(side(PacketBuilder(ends).payload("x").udp()), Side::subscriber);
  EXPECT_EQ(side(PacketBuilder(ends).from_server().payload("x").udp()), Side::transit);
}

TEST(SideGuess, SubscriberPrefixesDecideAlone) {
  const auto v4 = AddressPrefix::parse("198.51.100.0/24");
  const auto v6 = AddressPrefix::parse("2001:db8::/33");
  ASSERT_TRUE(v4 && v6);
  Guessing side({*v4, *v6});
  EXPECT_EQ(side(PacketBuilder(kOdd).tcp(1, 0, kTcpSyn)), Side::transit);
  EXPECT_EQ(side(PacketBuilder(kOdd).from_server().tcp(1, 0, kTcpSyn)), Side::subscriber);
  EXPECT_EQ(side(PacketBuilder(Ends::v6()).tcp(1, 0, kTcpSyn)), Side::subscriber);
  EXPECT_EQ(side.guess().frames_without_subscriber(), 0U);
  EXPECT_EQ(side(PacketBuilder({"192.0.2.1", "203.0.113.1", 1, 2}).tcp(1, 0, kTcpSyn)), Side::transit);
  EXPECT_EQ(side.guess().frames_without_subscriber(), 1U);
}

TEST(SideGuess, FramesThatAreNoIpAreTakenAsTheyCome) {
  Guessing side;
  EXPECT_EQ(side(Bytes(60)), Side::subscriber);
  EXPECT_EQ(side({}), Side::subscriber);
}

}  // namespace
}  // namespace parapet::cli
