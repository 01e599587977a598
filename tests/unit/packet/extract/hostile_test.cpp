// SPDX-License-Identifier: Apache-2.0
// Truncated, random and endless streams: each ends in a named outcome, within the parser's bounds.
#include <gtest/gtest.h>

#include <random>

#include "stream_reading.h"
#include "streams.h"

namespace parapet::packet {
namespace {

using namespace streams;

TEST(HostileStreams, CutShortAreUnfinishedAndAskForMore) {
  const support::Bytes hello = support::TlsHello().server_name("x.test").record();
  for (std::size_t length = 1; length < hello.size(); ++length) {
    const Reading seen = read_stream(support::Bytes(hello.begin(), hello.begin() + static_cast<long>(length)));
    EXPECT_EQ(seen.outcome, ExtractOutcome::need_more);
    EXPECT_EQ(seen.requests.size(), 0U);
  }
  const std::string head = support::http_get("x.test", "/");
  for (std::size_t length = 1; length < head.size(); ++length) {
    EXPECT_EQ(read_stream(head.substr(0, length)).outcome, ExtractOutcome::need_more);
  }
}

TEST(HostileStreams, OfRandomBytesAreReadToTheEndOrGivenUp) {
  std::mt19937 random(5);
  const std::vector<support::Bytes> seeds = short_streams();
  std::size_t requests = 0;
  for (int round = 0; round < 60000; ++round) {
    support::Bytes stream = seeds[random() % seeds.size()];
    for (std::size_t flips = random() % 6; flips > 0; --flips) {
      stream[random() % stream.size()] = static_cast<std::uint8_t>(random());
    }
    if (random() % 4 == 0) stream.erase(stream.begin(), stream.begin() + static_cast<long>(random() % stream.size()));
    const Reading seen = read_stream(stream, {random() % (stream.size() + 1)});
    requests += seen.requests.size();
    if (seen.outcome != ExtractOutcome::opaque && seen.outcome != ExtractOutcome::uninspected) {
      EXPECT_EQ(seen.consumed, stream.size());
    }
    for (const Request& request : seen.requests) {
      ASSERT_LE(request.names.size(), kMaxNames);
      ASSERT_LE(request.target.size(), kMaxTargetLength);
    }
  }
  EXPECT_GT(requests, 30000U);
}

TEST(HostileStreams, WithoutEndAreGivenUpWithinTheirBounds) {
  EXPECT_EQ(read_stream(std::string(kMaxUndecided + 1, 'A')).outcome, ExtractOutcome::opaque);
  EXPECT_EQ(read_stream("GET " + std::string(kMaxUndecided, ' ')).outcome, ExtractOutcome::opaque);
  EXPECT_EQ(read_stream("GET /" + std::string(kMaxHttpHead, 'a')).reason, UninspectedReason::header_cap);
  EXPECT_EQ(read_stream("GET / x\r\nHost: " + std::string(kMaxHttpHead, 'a')).reason, UninspectedReason::header_cap);
  EXPECT_EQ(read_stream("P / x\nTransfer-Encoding: chunked\n\n1;" + std::string(kMaxHttpHead, 'a')).reason,
            UninspectedReason::header_cap);
  std::string trailers = "P / x\nTransfer-Encoding: chunked\n\n0\r\n";
  for (std::size_t i = 0; i <= kMaxHttpHead / 4; ++i) trailers += "A:\r\n";
  EXPECT_EQ(read_stream(trailers).reason, UninspectedReason::header_cap);
}

TEST(HostileStreams, StayOpaqueOnceTheyAre) {
  StreamParser parser;
  RequestText text;
  EXPECT_EQ(parser.feed(bytes_of(std::string(14, '\x7f')), text, test_context()).outcome, ExtractOutcome::opaque);
  const std::string head = support::http_get("x.test", "/");
  const Extracted made = parser.feed(bytes_of(head), text, test_context());
  EXPECT_EQ(made.outcome, ExtractOutcome::opaque);
  EXPECT_EQ(made.consumed, head.size());
  EXPECT_FALSE(parser.keeps_text());
  EXPECT_FALSE(parser.decided());
}

TEST(HostileStreams, CanBeTriedOnACopyOfTheParser) {
  StreamParser parser;
  RequestText text;
  parser.feed(bytes_of("GET /a HTTP/1.1\r\nHost: x."), text, test_context());
  StreamParser copy = parser;
  RequestText copied_text = text;
  EXPECT_EQ(copy.feed(bytes_of("one\r\n\r\n"), copied_text, test_context()).outcome, ExtractOutcome::request);
  EXPECT_EQ(parser.feed(bytes_of("two\r\n\r\n"), text, test_context()).outcome, ExtractOutcome::request);
  EXPECT_EQ(text_of(copied_text.names[0].view()), "x.one");
  EXPECT_EQ(text_of(text.names[0].view()), "x.two");
}

}  // namespace
}  // namespace parapet::packet
