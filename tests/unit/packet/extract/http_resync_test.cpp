// SPDX-License-Identifier: Apache-2.0
// Framing that two servers read differently hides no request (H13).
#include <gtest/gtest.h>

#include "stream_reading.h"

namespace parapet::packet {
namespace {

using namespace streams;
using support::http_get;
using Names = std::vector<std::string>;

// The names of all requests behind the first.
Names behind_first(const Reading& reading) {
  Names names;
  for (std::size_t i = 1; i < reading.requests.size(); ++i) {
    names.insert(names.end(), reading.requests[i].names.begin(), reading.requests[i].names.end());
  }
  return names;
}

TEST(Resync, FindsARequestInsideABodyOfDoubtfulFraming) {
  const std::string hidden = http_get("x.test", "/hidden");
  for (const char* framing : {"Content-Length: 500\r\nTransfer-Encoding: chunked\r\n",
                              "Transfer-Encoding: chunked\r\nContent-Length: 500\r\n",
                              "Content-Length: 500\r\nContent-Length: 400\r\n",
                              "Content-Length: 500, 500\r\n",
                              "Content-Length: +500\r\n",
                              "Content-Length: 0x500\r\n",
                              "Content-Length: 5 00\r\n",
                              "Content-Length:\r\n",
                              "Content-Length: -1\r\n",
                              "Content-Length: 99999999999999999999999\r\n",
                              "Content-Length : 500\r\n",
                              " Content-Length: 500\r\n",
                              "Content-Length:\r\n 500\r\n",
                              "Content-Length: 500\r\n 0\r\n",
                              "Content-Length: 500\rX: y\r\n",
                              "Transfer-Encoding: identity\r\n",
                              "Transfer-Encoding: xchunked\r\n",
                              "Transfer-Encoding: chunked, identity\r\n",
                              "Transfer-Encoding: gzip, chunked\r\n",
                              "Transfer-Encoding : chunked\r\n",
                              "Transfer-Encoding:\r\n chunked\r\n",
                              "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                              "Transfer-Encoding: chun ked\r\n",
                              "Transfer-Encoding: \r\n",
                              "Transfer-Encoding: chunked\v\r\n"}) {
    const Reading seen =
        read_stream("POST / HTTP/1.1\r\nHost: a.test\r\n" + std::string(framing) + "\r\nabc=1\r\n" + hidden);
    ASSERT_GE(seen.requests.size(), 2U) << framing;
    EXPECT_EQ(seen.requests.back().names, Names{"x.test"}) << framing;
    EXPECT_EQ(seen.requests.back().target, "/hidden") << framing;
  }
}

TEST(Resync, IsNotEnteredForALengthThatIsOnlyRepeated) {
  const Reading seen = read_stream("POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n" +
                                   std::string("GET /") + http_get("b.test", "/"));
  ASSERT_EQ(seen.requests.size(), 2U);
  EXPECT_EQ(seen.requests[1].names, Names{"b.test"});
}

TEST(Resync, FindsARequestBehindJunkInAChunkLine) {
  const std::string head = "POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const char* junk : {"zz\r\n", "5x\r\nhello\r\n", "\r\n", "-5\r\n", "5;a\nhello\r\n", "5\nhello\r\n", "5 5\r\n",
                           "fffffffffffffffffff\r\n", "3\r\nabcX\r\n", "3\r\nabc\rX\r\n", "5\rhello\r\n", ""}) {
    const Reading seen = read_stream(head + junk + http_get("x.test", "/hidden"));
    EXPECT_EQ(behind_first(seen), Names{"x.test"}) << junk;
    EXPECT_EQ(seen.requests.back().target, "/hidden") << junk;
  }
}

TEST(Resync, ReadsAMethodThatBeginsLikeAChunkSize) {
  const Reading seen = read_stream(
      "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nDELETE /hidden HTTP/1.1\r\nHost: x.test\r\n\r\n");
  EXPECT_EQ(behind_first(seen), Names{"x.test"});
  EXPECT_EQ(seen.requests.back().target, "/hidden");
  const Reading hex =
      read_stream("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nBEEF /hidden HTTP/1.1\r\nHost: x.test\r\n\r\n");
  EXPECT_EQ(behind_first(hex), Names{"x.test"});
}

TEST(Resync, FindsARequestBehindALineThatIsNone) {
  for (const char* junk :
       {"garbage\r\n", "\x80\x81\r\n", "Foo: bar\r\n", "GET x.test\r\n", "GET http:/x HTTP/1.1\r\n"}) {
    EXPECT_EQ(behind_first(read_stream(http_get("a.test", "/") + junk + http_get("x.test", "/hidden"))),
              Names{"x.test"});
  }
}

TEST(Resync, TakesAHostEvenWithoutItsStartLine) {
  const Reading seen = read_stream(http_get("a.test", "/") + "GET\x01/hidden HTTP/1.1\r\nHost: x.test\r\n\r\n");
  EXPECT_EQ(behind_first(seen), Names{"x.test"});
  EXPECT_EQ(seen.requests.back().target, "");
}

TEST(Resync, TakesAStartLineAmongTheFieldsOfAnother) {
  const Reading seen =
      read_stream("POST / HTTP/1.1\r\nContent-Length: x\r\n\r\nGET /decoy HTTP/1.1\r\nHost: decoy.test\r\nX: y\r\n" +
                  http_get("x.test", "/hidden"));
  ASSERT_EQ(seen.requests.size(), 3U);
  EXPECT_EQ(seen.requests[1].names, Names{"decoy.test"});
  EXPECT_EQ(seen.requests[1].target, "/decoy");
  EXPECT_EQ(seen.requests[2].names, Names{"x.test"});
  EXPECT_EQ(seen.requests[2].target, "/hidden");
  const Reading absolute = read_stream(
      "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\nGET /decoy HTTP/1.1\r\nHost: decoy.test\r\n"
      "GET http://x.test/hidden HTTP/1.1\r\n\r\n");
  EXPECT_EQ(absolute.requests.back().names, Names{"x.test"});
  EXPECT_EQ(absolute.requests.back().target, "/hidden");
}

TEST(Resync, GivesUpByNameAfterItsBound) {
  const Reading seen =
      read_stream("POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n" + std::string(kMaxResyncGap + 10, 'z'));
  EXPECT_EQ(seen.requests.size(), 1U);
  EXPECT_EQ(seen.outcome, ExtractOutcome::uninspected);
  EXPECT_EQ(seen.reason, UninspectedReason::framing);
  const Reading goes_on =
      read_stream("POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n" + std::string(kMaxResyncGap - 100, 'z') + "\n" +
                  http_get("x.test", "/") + std::string(kMaxResyncGap - 100, 'z') + "\n" + http_get("y.test", "/"));
  EXPECT_EQ(behind_first(goes_on), (Names{"x.test", "y.test"}));
}

TEST(Resync, ClaimsNoBodyAhead) {
  StreamParser parser;
  RequestText text;
  EXPECT_EQ(
      parser.feed(bytes_of("PUT / HTTP/1.1\r\nContent-Length: 10\r\nContent-Length: 11\r\n\r\n"), text, test_context())
          .outcome,
      ExtractOutcome::request);
  EXPECT_EQ(parser.body_bytes_ahead(), 0U);
}

}  // namespace
}  // namespace parapet::packet
