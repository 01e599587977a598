// SPDX-License-Identifier: Apache-2.0
// What a parser says of itself before its first byte, behind a CONNECT and when it has given up.
#include <gtest/gtest.h>

#include "stream_reading.h"

namespace parapet::packet {
namespace {

using namespace streams;
using support::to_bytes;

void expect_nothing_known(const StreamParser& parser) {
  EXPECT_FALSE(parser.decided());
  EXPECT_FALSE(parser.keeps_text());
  EXPECT_FALSE(parser.ech_present());
  EXPECT_EQ(parser.body_bytes_ahead(), 0U);
}

TEST(StreamParser, KnowsNothingBeforeItsFirstByte) {
  StreamParser parser;
  RequestText text;
  expect_nothing_known(parser);
  const Extracted made = parser.feed({}, text, test_context());
  EXPECT_EQ(made.outcome, ExtractOutcome::need_more);
  EXPECT_EQ(made.consumed, 0U);
  expect_nothing_known(parser);
  EXPECT_EQ(parser.feed(to_bytes("GET / HTTP/1.1\r\nA"), text, test_context()).outcome, ExtractOutcome::need_more);
  EXPECT_TRUE(parser.decided());
  EXPECT_TRUE(parser.keeps_text());
}

TEST(StreamParser, ForgetsWhatItKnewBehindAConnect) {
  StreamParser parser;
  RequestText text;
  const support::Bytes connect = to_bytes("CONNECT p.test:443 HTTP/1.1\r\n\r\n");
  EXPECT_EQ(parser.feed(connect, text, test_context()).outcome, ExtractOutcome::request);
  expect_nothing_known(parser);
  EXPECT_EQ(parser.feed({}, text, test_context()).outcome, ExtractOutcome::idle) << "no message is unfinished";
  const support::Bytes hello = support::TlsHello().server_name("x.test").record();
  EXPECT_EQ(parser.feed(hello, text, test_context()).outcome, ExtractOutcome::request);
  EXPECT_EQ(parser.protocol(), Protocol::tls);
}

TEST(StreamParser, ThatGaveUpReadsNothingMore) {
  StreamParser parser;
  RequestText text;
  EXPECT_EQ(parser.feed(to_bytes("SSH-2.0-OpenSSH_9.2\r\n"), text, test_context()).outcome, ExtractOutcome::opaque);
  expect_nothing_known(parser);
  const support::Bytes request = to_bytes("GET / HTTP/1.1\r\nHost: x.test\r\n\r\n");
  const Extracted made = parser.feed(request, text, test_context());
  EXPECT_EQ(made.outcome, ExtractOutcome::opaque);
  EXPECT_EQ(made.consumed, request.size());
}

}  // namespace
}  // namespace parapet::packet
