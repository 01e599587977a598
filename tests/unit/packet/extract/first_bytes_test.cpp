// SPDX-License-Identifier: Apache-2.0
// Which first bytes are worth following, on any port.
#include <gtest/gtest.h>

#include <random>

#include "stream_reading.h"
#include "streams.h"

namespace parapet::packet {
namespace {

using namespace streams;
using namespace std::string_view_literals;

bool could_begin(std::string_view text) { return could_begin_request(bytes_of(text)); }

TEST(FirstBytes, OfRequestsAreTakenFromTheFirstByteOn) {
  for (const support::Bytes& stream : short_streams()) {
    if (read_stream(stream).requests.empty()) continue;
    for (std::size_t length = 0; length <= stream.size(); ++length) {
      EXPECT_TRUE(could_begin_request(ByteView{stream}.first(length))) << text_of(stream);
    }
  }
}

TEST(FirstBytes, OfOtherProtocolsAreRefused) {
  for (const std::string_view banner :
       {"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"sv, "SSH-2.0-x\r\n"sv, "EHLO client.example\r\n"sv,
        "MAIL FROM:<a@b.test>\r\n"sv, "USER anonymous\r\n"sv, "HELP\r\n"sv, "\x80\x2e\x01\x03\x01\x00\x15"sv,
        "\x16\x12\x01\x00\x80"sv, "{\"a\": 1}"sv, "a001 LOGIN x y\r\n"sv, "NICK someone\r\n"sv,
        "GET x.test/ HTTQ/1.1\r\n"sv, "\x15\x03\x03\x01\x02\x01\x14"sv, "\x15\x03\x03\x00\x1a"sv, "A: /b\r\n"sv,
        "\x17\x03\x03\x00\x10"sv, "\x00\x10\x00\x00"sv, "INVITE sip:a@b.test SIP/2.0\r\n"sv}) {
    EXPECT_FALSE(could_begin(banner)) << banner;
  }
}

TEST(FirstBytes, TooFewToSayNoAreTaken) {
  for (const char* start : {"", "G", "GET", "GET ", "GET h", "GET http:/", "CONNECT ", "CONNECT x", "\r\n\r\n ", "\x16",
                            "\x16\x03", "\x15\x03", "\x80", "SSH-"}) {
    EXPECT_TRUE(could_begin(start)) << start;
  }
}

TEST(FirstBytes, OfUnseenTrafficAreTakenOnlyOnBetterEvidence) {
  const support::Bytes message = support::dns_query("x.test");
  support::Bytes sent{0, static_cast<std::uint8_t>(message.size())};
  support::append(sent, message);
  for (std::size_t length = 1; length <= sent.size(); ++length) {
    EXPECT_TRUE(could_begin_request(ByteView{sent}.first(length)));
    EXPECT_EQ(could_begin_unseen_request(ByteView{sent}.first(length)), length >= 7) << length;
  }
  EXPECT_TRUE(could_begin_unseen_request(bytes_of("G")));
  EXPECT_TRUE(could_begin_unseen_request(bytes_of("G /")));
  EXPECT_FALSE(could_begin_unseen_request(bytes_of("G ?x")));
  EXPECT_TRUE(could_begin_unseen_request(bytes_of("G x HTTP/1.1\r\n")));
  EXPECT_FALSE(could_begin_unseen_request(bytes_of("G\x85/")));
  EXPECT_FALSE(could_begin_unseen_request(bytes_of("G\t\xa0 HTTP/"))) << "a blank is no target";
  EXPECT_FALSE(could_begin_unseen_request(bytes_of("CONNECT \xa0\x0e."))) << "nor a name";
  EXPECT_TRUE(could_begin_unseen_request(support::Bytes{0x16}));
  EXPECT_FALSE(could_begin_unseen_request(support::Bytes{0x16, 2}));
  EXPECT_TRUE(could_begin_request(support::Bytes{0x16, 2}));
}

TEST(FirstBytes, AreBoundedLikeTheParserIs) {
  EXPECT_TRUE(could_begin(std::string(kMaxUndecided, 'T')));
  EXPECT_FALSE(could_begin(std::string(kMaxUndecided + 1, 'T')));
  EXPECT_FALSE(could_begin(std::string(kMaxUndecided + 1, '\n')));
}

TEST(FirstBytes, AreRefusedWhereTheParserFindsTheStreamOpaqueAndNeverWhereItReadsHttpOrTls) {
  std::mt19937 random(4);
  const std::vector<support::Bytes> seeds = short_streams();
  const std::string pieces[] = {"\r",  "\n",      " ",       "\t", ":", "/",       "*",
                                "GET", "CONNECT", "http://", "a",  ".", "\x16\x03"};
  std::size_t refused = 0, taken = 0;
  for (int round = 0; round < 50000; ++round) {
    support::Bytes bytes;
    for (std::size_t count = random() % 6; count > 0; --count) {
      support::append(bytes, support::to_bytes(pieces[random() % std::size(pieces)]));
    }
    const support::Bytes& seed = seeds[random() % seeds.size()];
    bytes.insert(bytes.end(), seed.begin(),
                 seed.begin() + static_cast<long>(random() % std::min<std::size_t>(30, seed.size())));
    if (bytes.empty()) continue;
    const Reading seen = read_stream(bytes);
    const bool opaque = seen.outcome == ExtractOutcome::opaque && seen.requests.empty();
    (opaque ? refused : taken) += 1;
    if (opaque &&
        (seen.consumed <= 5 || !TlsMachine::could_begin(bytes[0]))) {  // of TLS only the first header is looked at
      ASSERT_FALSE(could_begin_request(bytes)) << text_of(bytes);
    }
    if (!seen.requests.empty() && seen.requests[0].protocol != Protocol::dns) {
      ASSERT_TRUE(could_begin_request(bytes)) << text_of(bytes);
    }
  }
  EXPECT_GT(refused, 5000U);
  EXPECT_GT(taken, 5000U);
}

}  // namespace
}  // namespace parapet::packet
