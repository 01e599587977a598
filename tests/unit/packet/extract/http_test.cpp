// SPDX-License-Identifier: Apache-2.0
// HTTP requests as clients and those who hide from filters write them (H1-H13, H18, H19).
#include <gtest/gtest.h>

#include "stream_reading.h"

namespace parapet::packet {
namespace {

using namespace streams;
using support::http_get;
using Names = std::vector<std::string>;

TEST(Http, ReadsTargetAndHost) {
  const Reading seen =
      read_stream("GET /a/b?c=d HTTP/1.1\r\nUser-Agent: x\r\nHost: www.example.test\r\nAccept: */*\r\n\r\n");
  ASSERT_EQ(seen.requests.size(), 1U);
  EXPECT_EQ(seen.requests[0].protocol, Protocol::http);
  EXPECT_EQ(seen.requests[0].names, Names{"www.example.test"});
  EXPECT_EQ(seen.requests[0].target, "/a/b?c=d");
  EXPECT_EQ(seen.outcome, ExtractOutcome::request);
}

TEST(Http, ReadsEveryRequestOfAConnection) {
  std::string stream;
  for (int i = 0; i < 40; ++i) stream += http_get("h" + std::to_string(i) + ".test", "/" + std::to_string(i));
  const Reading seen = read_stream(stream);
  ASSERT_EQ(seen.requests.size(), 40U);
  for (std::size_t i = 0; i < 40; ++i) {
    EXPECT_EQ(seen.requests[i].names, Names{"h" + std::to_string(i) + ".test"});
    EXPECT_EQ(seen.requests[i].target, "/" + std::to_string(i));
  }
}

TEST(Http, IsIdleBetweenTwoRequestsAndOnlyThere) {
  StreamParser parser;
  RequestText text;
  const std::string head = http_get("a.test", "/");
  EXPECT_EQ(parser.feed(bytes_of(std::string_view(head).substr(0, 20)), text, test_context()).outcome,
            ExtractOutcome::need_more);
  EXPECT_TRUE(parser.decided());
  EXPECT_TRUE(parser.keeps_text());
  EXPECT_EQ(parser.feed(bytes_of(std::string_view(head).substr(20)), text, test_context()).outcome,
            ExtractOutcome::request);
  EXPECT_FALSE(parser.keeps_text());
  EXPECT_EQ(parser.feed(bytes_of("\r\n"), text, test_context()).outcome, ExtractOutcome::idle);
  EXPECT_EQ(parser.feed(bytes_of("G"), text, test_context()).outcome, ExtractOutcome::need_more);
}

TEST(Http, TakesHostInEverySpellingOfItsName) {
  for (const char* field : {"Host: x.test", "hoSt: x.test", "HOST:x.test", "host:\tx.test\t ", "Host : x.test",
                            "Host\t: x.test", "Host:    x.test   ", " Host: x.test"}) {
    EXPECT_EQ(only_name(read_stream("GET / HTTP/1.1\r\nA: b\r\n" + std::string(field) + "\r\n\r\n")), "x.test")
        << field;
    EXPECT_EQ(only_name(read_stream("GET / HTTP/1.1\r\n" + std::string(field) + "\nB: c\n\n")), "x.test") << field;
  }
}

TEST(Http, KeepsPortCaseAndTrailingDotOfAHostAsTheyCame) {
  EXPECT_EQ(only_name(read_stream(http_get("WwW.Example.TEST.:8080", "/"))), "WwW.Example.TEST.:8080");
  EXPECT_EQ(only_name(read_stream(http_get("[2001:db8::1]:80", "/"))), "[2001:db8::1]:80");
}

TEST(Http, DoesNotTakeFieldsThatOnlyLookLikeHost) {
  const Reading seen =
      read_stream("GET / HTTP/1.1\r\nX-Host: a.test\r\nHosts: b.test\r\nHos: c.test\r\nX: Host: d.test\r\n\r\n");
  ASSERT_EQ(seen.requests.size(), 1U);
  EXPECT_EQ(seen.requests[0].names, Names{});
}

TEST(Http, TakesAnyTokenAsMethodAndAnyVersionOrNone) {
  for (const char* line : {"GET / HTTP/1.1", "get / HTTP/1.1", "PROPFIND / HTTP/1.1", "XYZZY / HTP/1.1",
                           "G.E~T / XXXX/1.1", "GET / HTTP/1.0", "GET   /   HTTP/9.9", "GET\t/\tHTTP/1.1", "* / x"}) {
    EXPECT_EQ(only_name(read_stream(std::string(line) + "\r\nHost: x.test\r\n\r\n")), "x.test") << line;
  }
}

TEST(Http, PassesOverBlankLinesAndBlanksBeforeARequest) {
  for (const char* lead : {"\r\n", "\n\n\n", " ", "\r\n \r\n", "\t"}) {
    EXPECT_EQ(only_name(read_stream(lead + http_get("x.test", "/"))), "x.test");
  }
  const Reading seen = read_stream(http_get("a.test", "/") + std::string(70000, '\n') + http_get("b.test", "/"));
  ASSERT_EQ(seen.requests.size(), 2U);
  EXPECT_EQ(seen.requests[1].names, Names{"b.test"});
}

TEST(Http, EndsLinesAtLfAlone) {
  const Reading seen = read_stream("GET /p HTTP/1.1\nHost: x.test\n\nGET /q HTTP/1.1\nHost: y.test\n\n");
  ASSERT_EQ(seen.requests.size(), 2U);
  EXPECT_EQ(seen.requests[1].target, "/q");
}

TEST(Http, ReadsABareCrBothWays) {
  EXPECT_EQ(only_name(read_stream("GET / HTTP/1.1\r\nA: b\rHost: x.test\r\n\r\n")), "x.test");
  EXPECT_EQ(only_name(read_stream("GET / HTTP/1.1\r\nHost: x.test\rA: b\r\n\r\n")), "x.test");
  EXPECT_EQ(only_name(read_stream("GET / HTTP/1.1\rHost: x.test\r\n\r\n")), "x.test");
  EXPECT_EQ(only_name(read_stream("GET /\rHost: x.test\r\n\r\n")), "x.test");
  // No blank line behind a bare CR: somebody's head goes on.
  EXPECT_EQ(only_name(read_stream("GET / HTTP/1.1\r\nA: b\r\r\nHost: x.test\r\n\r\n")), "x.test");
  EXPECT_EQ(only_name(read_stream("GET / HTTP/1.1\r\nA: b\r\n\rHost: x.test\r\n\r\n")), "x.test");
}

TEST(Http, UnfoldsAHostThatComesOnALaterLine) {
  EXPECT_EQ(only_name(read_stream("GET / HTTP/1.1\r\nHost:\r\n x.test\r\nA: b\r\n\r\n")), "x.test");
  EXPECT_EQ(only_name(read_stream("GET / HTTP/1.1\r\nHost: \n\t \n\t\tx.test\n\n")), "x.test");
  EXPECT_EQ(only_name(read_stream("GET / HTTP/1.1\r\nA: b\r\n c\r\nHost: x.test\r\n\r\n")), "x.test");
  const Reading both = read_stream("GET / HTTP/1.1\r\nHost: a.test\r\n b.test\r\n\r\n");
  ASSERT_EQ(both.requests.size(), 1U);
  EXPECT_EQ(both.requests[0].names, (Names{"a.test", "b.test"}));
}

TEST(Http, PutsTheAuthorityOfAnAbsoluteTargetFirst) {
  const Reading seen = read_stream("GET http://target.test:81/p?q#f HTTP/1.1\r\nHost: other.test\r\n\r\n");
  ASSERT_EQ(seen.requests.size(), 1U);
  EXPECT_EQ(seen.requests[0].names, (Names{"target.test:81", "other.test"}));
  EXPECT_EQ(seen.requests[0].target, "/p?q#f");
}

TEST(Http, ReadsAbsoluteTargetsOfEveryForm) {
  const auto read = [](const char* target) {
    const Reading seen = read_stream("GET " + std::string(target) + " HTTP/1.1\r\n\r\n");
    if (seen.requests.size() != 1 || seen.requests[0].names.size() != 1) return std::string("(none)");
    return seen.requests[0].names[0] + " " + seen.requests[0].target;
  };
  EXPECT_EQ(read("http://x.test"), "x.test /");
  EXPECT_EQ(read("HTTPS://x.test/"), "x.test /");
  EXPECT_EQ(read("http://x.test?q"), "x.test /?q");
  EXPECT_EQ(read("http://x.test\\p"), "x.test /\\p");
  EXPECT_EQ(read("http://user:pass@x.test/p"), "x.test /p");
  EXPECT_EQ(read(("http://" + std::string(300, 'u') + "@x.test/p").c_str()), "x.test /p");
}

TEST(Http, CollectsEveryHostAndTheMembersOfAList) {
  const Reading seen =
      read_stream("GET / HTTP/1.1\r\nHost: a.test\r\nHost: b.test, c.test d.test\r\nHost:\r\nhost: e.test\r\n\r\n");
  ASSERT_EQ(seen.requests.size(), 1U);
  EXPECT_EQ(seen.requests[0].names, (Names{"a.test", "b.test", "c.test", "d.test", "e.test"}));
  EXPECT_FALSE(seen.requests[0].name_lost);
}

TEST(Http, SaysWhenANameCouldNotBeKept) {
  std::string nine = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 9; ++i) nine += "Host: h" + std::to_string(i) + ".test\r\n";
  const Reading many = read_stream(nine + "\r\n");
  ASSERT_EQ(many.requests.size(), 1U);
  EXPECT_EQ(many.requests[0].names.size(), 8U);
  EXPECT_TRUE(many.requests[0].name_lost);
  const Reading fits = read_stream(http_get(std::string(255, 'a'), "/")),
                is_long = read_stream(http_get(std::string(256, 'a'), "/"));
  EXPECT_EQ(only_name(fits), std::string(255, 'a'));
  ASSERT_EQ(is_long.requests.size(), 1U);
  EXPECT_EQ(is_long.requests[0].names, Names{});
  EXPECT_TRUE(is_long.requests[0].name_lost);
}

TEST(Http, KeepsALongTargetToItsBound) {
  const Reading fits = read_stream(http_get("x.test", "/" + std::string(kMaxTargetLength - 1, 'a')));
  EXPECT_EQ(fits.requests.at(0).target.size(), kMaxTargetLength);
  EXPECT_FALSE(fits.requests.at(0).target_cut);
  const Reading cut = read_stream(http_get("x.test", "/" + std::string(kMaxTargetLength, 'a')));
  EXPECT_EQ(cut.requests.at(0).target.size(), kMaxTargetLength);
  EXPECT_TRUE(cut.requests.at(0).target_cut);
  EXPECT_EQ(only_name(cut), "x.test");
}

TEST(Http, TakesALineWithoutVersionAsARequestAtItsEnd) {
  const Reading seen = read_stream("GET /old\r\n");
  ASSERT_EQ(seen.requests.size(), 1U);
  EXPECT_EQ(seen.requests[0].names, Names{});
  EXPECT_EQ(seen.requests[0].target, "/old");
  EXPECT_EQ(only_name(read_stream("GET http://x.test/old\n")), "x.test");
  // A lenient server may read fields behind it.
  const Reading fields = read_stream("GET /old\r\nHost: x.test\r\n\r\n");
  ASSERT_EQ(fields.requests.size(), 2U);
  EXPECT_EQ(fields.requests[1].names, Names{"x.test"});
}

TEST(Http, ReadsOnBehindABodyOfKnownLength) {
  const std::string body = "GET /not-a-request HTTP/1.1\r\nHost: inner.test\r\n\r\n";
  for (const char* method : {"POST", "GET", "HEAD"}) {
    const Reading seen = read_stream(std::string(method) + " /p HTTP/1.1\r\nHost: a.test\r\ncontent-LENGTH:  " +
                                     std::to_string(body.size()) + " \r\n\r\n" + body + http_get("b.test", "/q"));
    ASSERT_EQ(seen.requests.size(), 2U) << method;
    EXPECT_EQ(seen.requests[1].names, Names{"b.test"});
  }
}

TEST(Http, SaysHowMuchOfABodyIsAhead) {
  StreamParser parser;
  RequestText text;
  EXPECT_EQ(
      parser.feed(bytes_of("PUT / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1000\r\n\r\n"), text, test_context())
          .outcome,
      ExtractOutcome::request);
  EXPECT_EQ(parser.body_bytes_ahead(), 1000U);
  EXPECT_EQ(parser.feed(bytes_of("0123456789"), text, test_context()).outcome, ExtractOutcome::need_more);
  EXPECT_EQ(parser.body_bytes_ahead(), 990U);
  const std::string rest(990, 'x');
  EXPECT_EQ(parser.feed(bytes_of(rest), text, test_context()).outcome, ExtractOutcome::idle);
  EXPECT_EQ(parser.body_bytes_ahead(), 0U);
  EXPECT_EQ(parser.feed(bytes_of("PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"), text, test_context()).outcome,
            ExtractOutcome::request);
  EXPECT_EQ(parser.feed(bytes_of("fF;x=y\r\nabc"), text, test_context()).outcome, ExtractOutcome::need_more);
  EXPECT_EQ(parser.body_bytes_ahead(), 252U);
}

TEST(Http, ReadsOnBehindAChunkedBodyWithExtensionsAndTrailers) {
  const Reading seen = read_stream(
      "POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: Chunked \r\n\r\n"
      "5\r\nGET /\r\n00A ;name=\"v\"\r\n\r\n\r\n\r\nHost\r\n0;last\r\nExpires: never\r\n\r\n" +
      http_get("b.test", "/q"));
  ASSERT_EQ(seen.requests.size(), 2U);
  EXPECT_EQ(seen.requests[1].names, Names{"b.test"});
  EXPECT_EQ(seen.requests[1].target, "/q");
}

TEST(Http, FindsAHostBehindAPadOfFieldsUpToTheCapOfAHead) {
  std::string pad;
  while (pad.size() < kMaxHttpHead - 200) pad += "X-Pad: " + std::string(93, 'p') + "\r\n";
  EXPECT_EQ(only_name(read_stream("GET / HTTP/1.1\r\n" + pad + "Host: x.test\r\n\r\n")), "x.test");
  for (int i = 0; i < 3; ++i) pad += "X-Pad: " + std::string(93, 'p') + "\r\n";
  const Reading over = read_stream("GET / HTTP/1.1\r\n" + pad + "Host: x.test\r\n\r\n");
  EXPECT_EQ(over.requests.size(), 0U);
  EXPECT_EQ(over.outcome, ExtractOutcome::uninspected);
  EXPECT_EQ(over.reason, UninspectedReason::header_cap);
  EXPECT_EQ(over.consumed, kMaxHttpHead);
}

TEST(Http, ReadsTlsAndHttpInsideATunnel) {
  const support::Bytes hello = support::TlsHello().server_name("inner.test").record();
  support::Bytes tls = support::to_bytes("CONNECT proxy.test:443 HTTP/1.1\r\nHost: proxy.test:443\r\n\r\n");
  support::append(tls, hello);
  const Reading seen = read_stream(tls);
  ASSERT_EQ(seen.requests.size(), 2U);
  EXPECT_EQ(seen.requests[0].names, (Names{"proxy.test:443", "proxy.test:443"}));
  EXPECT_EQ(seen.requests[0].target, "");
  EXPECT_EQ(seen.requests[1].protocol, Protocol::tls);
  EXPECT_EQ(seen.requests[1].names, Names{"inner.test"});
  const Reading http =
      read_stream("CONNECT proxy.test:80 HTTP/1.1\r\n\r\n" + http_get("a.test", "/") + http_get("b.test", "/"));
  ASSERT_EQ(http.requests.size(), 3U);
  EXPECT_EQ(http.requests[2].names, Names{"b.test"});
}

TEST(Http, CountsATunnelOfSomethingElseAsUpgraded) {
  for (const std::string& inner :
       {"SSH-2.0-client 1\r\n" + std::string(9000, 's'), "\x16\x02" + std::string(20, 'g')}) {
    const Reading seen = read_stream("CONNECT proxy.test:22 HTTP/1.1\r\n\r\n" + inner);
    EXPECT_EQ(seen.requests.size(), 1U);
    EXPECT_EQ(seen.outcome, ExtractOutcome::uninspected);
    EXPECT_EQ(seen.reason, UninspectedReason::upgraded);
  }
}

TEST(Http, ReadsOnBehindAnUpgradeThatTheServerMayHaveRefused) {
  const std::string ask = http_get("a.test", "/", "Connection: Upgrade\r\nUpgrade: websocket\r\n");
  const Reading refused = read_stream(ask + http_get("b.test", "/"));
  ASSERT_EQ(refused.requests.size(), 2U);
  EXPECT_EQ(refused.requests[1].names, Names{"b.test"});
  const Reading taken = read_stream(ask + "\x81\x85" + std::string(9000, '\x07'));
  EXPECT_EQ(taken.requests.size(), 1U);
  EXPECT_EQ(taken.outcome, ExtractOutcome::uninspected);
  EXPECT_EQ(taken.reason, UninspectedReason::upgraded);
}

}  // namespace
}  // namespace parapet::packet
