// SPDX-License-Identifier: Apache-2.0
// HTTP/2 in cleartext, by prior knowledge, behind an upgrade and inside a tunnel (H16).
#include <gtest/gtest.h>

#include "http2_builder.h"
#include "stream_reading.h"

namespace parapet::packet {
namespace {

using namespace streams;
using support::append;
using support::Bytes;
using support::HpackEncoder;
using support::Http2Fields;
using Names = std::vector<std::string>;
namespace http2 = support::http2;

Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) append(all, part);
  return all;
}
Reading read_frames(std::initializer_list<Bytes> frames) {
  return read_stream(joined({http2::opening(), joined(frames)}));
}
bool is_over_a_cap(const Reading& seen) {
  return seen.outcome == ExtractOutcome::uninspected && seen.reason == UninspectedReason::http2_cap;
}

TEST(Http2, ReadsEachHeaderBlockAsARequest) {
  HpackEncoder encoder;
  Bytes stream = http2::opening();
  for (std::uint32_t i = 0; i < 40; ++i) {
    const std::string number = std::to_string(i);
    append(stream, http2::headers(2 * i + 1, encoder.block(http2::get("h" + number + ".test", "/p?" + number))));
  }
  const Reading seen = read_stream(stream);
  ASSERT_EQ(seen.requests.size(), 40U);
  for (std::size_t i = 0; i < 40; ++i) {
    EXPECT_EQ(seen.requests[i].protocol, Protocol::http);
    EXPECT_EQ(seen.requests[i].names, Names{"h" + std::to_string(i) + ".test"});
    EXPECT_EQ(seen.requests[i].target, "/p?" + std::to_string(i));
  }
}

TEST(Http2, FollowsTheEncodersTableThroughItsChangesOfSize) {
  HpackEncoder encoder;
  Bytes stream = http2::opening();
  const std::size_t sizes[] = {4096, 0, 100, 4096, 1000};
  for (std::uint32_t i = 0; i < 50; ++i) {
    if (i % 10 == 0) encoder.set_table(sizes[i / 10]);
    Http2Fields fields = http2::get(i % 2 == 0 ? "even.test" : "odd.test", "/same");
    fields.emplace_back("cookie", std::string(i * 20, 'c'));
    append(stream, http2::headers(2 * i + 1, encoder.block(fields)));
  }
  const Reading seen = read_stream(stream);
  ASSERT_EQ(seen.requests.size(), 50U);
  for (std::size_t i = 0; i < 50; ++i) EXPECT_EQ(seen.requests[i].names, Names{i % 2 == 0 ? "even.test" : "odd.test"});
}

TEST(Http2, ReadsABlockOverContinuationsWithPaddingAndPriority) {
  for (std::size_t piece = 4; piece < 80; ++piece) {
    HpackEncoder encoder;
    const Bytes block = encoder.block(http2::get("x.test", "/path"));
    EXPECT_EQ(only_name(read_frames({http2::headers_in_pieces(1, block, piece)})), "x.test") << piece;
  }
  HpackEncoder encoder;
  const Bytes block = encoder.block(http2::get("x.test", "/"));
  EXPECT_EQ(only_name(read_frames({http2::headers_in_pieces(1, block, 1000, 255)})), "x.test");
  EXPECT_EQ(
      only_name(read_frames({http2::frame(http2::kHeaders, 0, 1, {}), http2::frame(http2::kContinuation, 0, 1, block),
                             http2::frame(http2::kContinuation, http2::kEndHeaders, 1, {})})),
      "x.test");
}

TEST(Http2, CompletesARequestAtTheLastByteOfItsBlockNotOfItsPadding) {
  HpackEncoder encoder;
  const Bytes before = http2::opening(), block = encoder.block(http2::get("x.test", "/"));
  const Bytes frames = http2::headers_in_pieces(1, block, 1000, 100);
  const Reading seen = read_stream(joined({before, frames}));
  ASSERT_EQ(seen.requests.size(), 1U);
  EXPECT_EQ(seen.requests[0].end, before.size() + frames.size() - 100);
}

TEST(Http2, PassesOverFramesOfEveryOtherTypeBetweenBlocks) {
  HpackEncoder encoder;
  const Bytes first = encoder.block(http2::get("a.test", "/")), second = encoder.block(http2::get("b.test", "/"));
  Bytes between;
  for (int type = 0; type < 256; ++type) {
    if (type == http2::kHeaders || type == http2::kContinuation) continue;
    append(between,
           http2::frame(static_cast<std::uint8_t>(type), 0xff, 1, Bytes(static_cast<std::size_t>(type) * 7, 1)));
  }
  const Reading seen = read_frames({http2::headers(1, first), between, http2::headers(3, second)});
  ASSERT_EQ(seen.requests.size(), 2U);
  EXPECT_EQ(seen.requests[1].names, Names{"b.test"});
}

TEST(Http2, SaysHowMuchOfAFrameIsAhead) {
  HpackEncoder encoder;
  StreamParser parser;
  RequestText text;
  const ExtractContext& context = test_context();
  const Bytes ask = joined({http2::opening(), http2::headers(1, encoder.block(http2::get("a.test", "/")))});
  EXPECT_EQ(parser.feed(ByteView{ask}.first(http2::opening().size()), text, context).outcome, ExtractOutcome::idle);
  ASSERT_EQ(parser.feed(ByteView{ask}.subspan(http2::opening().size()), text, context).outcome,
            ExtractOutcome::request);
  Bytes data = http2::frame(http2::kData, 0, 1, Bytes(1000, 'd'));
  EXPECT_EQ(parser.feed(ByteView{data}.first(9), text, context).outcome, ExtractOutcome::need_more);
  EXPECT_EQ(parser.body_bytes_ahead(), 1000U);
  EXPECT_FALSE(parser.keeps_text());
  EXPECT_EQ(parser.feed(ByteView{data}.subspan(9), text, context).outcome, ExtractOutcome::idle);
  EXPECT_EQ(parser.body_bytes_ahead(), 0U);
  parser.release(context);
}

TEST(Http2, TakesAuthorityAndHostAsNamesAndEveryPathAsATarget) {
  HpackEncoder encoder;
  const Reading seen = read_frames({http2::headers(1, encoder.block({{":method", "GET"},
                                                                     {":path", "/one"},
                                                                     {":authority", "a.test:81"},
                                                                     {":path", "/two"},
                                                                     {":authority", "user@b.test"},
                                                                     {"host", "c.test, d.test"},
                                                                     {"x-host", "e.test"},
                                                                     {"referer", "http://f.test/"}}))});
  ASSERT_EQ(seen.requests.size(), 1U);
  EXPECT_EQ(seen.requests[0].names, (Names{"a.test:81", "user@b.test", "c.test", "d.test"}));
  EXPECT_EQ(seen.requests[0].target, "/one\n/two");
}

TEST(Http2, TakesAHostInAnyCaseAndAPathThatNamesAHost) {
  const Reading seen = read_frames(
      {http2::headers(1, joined({http2::literal("HoSt", "a.test"), http2::literal(":path", "http://b.test:80/p?q")}))});
  ASSERT_EQ(seen.requests.size(), 1U);
  EXPECT_EQ(seen.requests[0].names, (Names{"a.test", "b.test:80"}));
  EXPECT_EQ(seen.requests[0].target, "/p?q");
}

TEST(Http2, AConnectNamesNoTarget) {
  HpackEncoder encoder;
  const Reading seen =
      read_frames({http2::headers(1, encoder.block({{":method", "CONNECT"}, {":authority", "x.test:443"}}))});
  ASSERT_EQ(seen.requests.size(), 1U);
  EXPECT_EQ(seen.requests[0].names, Names{"x.test:443"});
  EXPECT_EQ(seen.requests[0].target, "");
}

TEST(Http2, TrailersAreNoRequest) {
  HpackEncoder encoder;
  const Reading seen =
      read_frames({http2::headers(1, encoder.block(http2::get("a.test", "/"))),
                   http2::frame(http2::kData, 0, 1, {1, 2}), http2::headers(1, encoder.block({{"grpc-status", "0"}}))});
  EXPECT_EQ(seen.requests.size(), 1U);
}

TEST(Http2, IsReadBehindAnUpgradeOfHttp1) {
  HpackEncoder encoder;
  const std::string ask = support::http_get(
      "a.test", "/first", "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n");
  const Reading seen = read_stream(joined(
      {support::to_bytes(ask), http2::opening(), http2::headers(3, encoder.block(http2::get("b.test", "/second")))}));
  ASSERT_EQ(seen.requests.size(), 2U);
  EXPECT_EQ(seen.requests[0].names, Names{"a.test"});
  EXPECT_EQ(seen.requests[1].names, Names{"b.test"});
  EXPECT_EQ(seen.requests[1].target, "/second");
  const Reading refused = read_stream(ask + support::http_get("c.test", "/third"));
  ASSERT_EQ(refused.requests.size(), 2U);
  EXPECT_EQ(refused.requests[1].names, Names{"c.test"});
}

TEST(Http2, IsReadBehindTheBodyOfTheRequestThatUpgrades) {
  HpackEncoder encoder;
  const Reading seen = read_stream(
      joined({support::to_bytes("POST / HTTP/1.1\r\nHost: a.test\r\nUpgrade: h2c\r\nContent-Length: 6\r\n\r\nPRI * "),
              http2::opening(), http2::headers(3, encoder.block(http2::get("b.test", "/")))}));
  ASSERT_EQ(seen.requests.size(), 2U);
  EXPECT_EQ(seen.requests[1].names, Names{"b.test"});
}

TEST(Http2, IsReadInsideATunnel) {
  HpackEncoder encoder;
  const Reading seen = read_stream(joined({support::to_bytes("CONNECT p.test:80 HTTP/1.1\r\n\r\n"), http2::opening(),
                                           http2::headers(1, encoder.block(http2::get("b.test", "/")))}));
  ASSERT_EQ(seen.requests.size(), 2U);
  EXPECT_EQ(seen.requests[1].names, Names{"b.test"});
}

TEST(Http2, APrefaceThatDepartsAnywhereIsReadOnAsHttp1) {
  const std::string preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  for (std::size_t right = 6; right + 1 < preface.size(); ++right) {
    const Reading seen = read_stream(preface.substr(0, right) + "\n" + support::http_get("x.test", "/p"));
    ASSERT_GE(seen.requests.size(), 1U) << right;
    EXPECT_EQ(seen.requests.back().names, Names{"x.test"}) << right;
  }
  EXPECT_EQ(only_name(read_stream("PRI * HTTP/1.1\r\nHost: x.test\r\n\r\n")), "x.test");
}

TEST(Http2, AnUnlistedBlockMayBeAsLargeAsItsBoundAndNoLarger) {
  const auto block_of = [](std::size_t length) {
    Bytes block = joined({http2::literal(":authority", "x.test"), http2::literal(":path", "/")});
    while (block.size() + 129 <= length) append(block, http2::literal("x-pad", std::string(121, 'p')));
    if (const std::size_t rest = length - block.size(); rest >= 4) {
      append(block, http2::literal("n", std::string(rest - 4, 'v')));
    }
    EXPECT_EQ(block.size(), length);
    return block;
  };
  EXPECT_EQ(only_name(read_frames({http2::headers_in_pieces(1, block_of(kMaxHeaderBlock), 16384)})), "x.test");
  EXPECT_TRUE(is_over_a_cap(read_frames({http2::headers_in_pieces(1, block_of(kMaxHeaderBlock + 4), 16384)})));
}

TEST(Http2, ABlockMayHaveSixteenContinuationsAndNoMore) {
  HpackEncoder encoder;
  const Bytes block = encoder.block(http2::get("x.test", "/"));
  const auto with_empty = [&](unsigned count) {
    Bytes frames = http2::frame(http2::kHeaders, 0, 1, block);
    for (unsigned i = 1; i < count; ++i) append(frames, http2::frame(http2::kContinuation, 0, 1, {}));
    append(frames, http2::frame(http2::kContinuation, http2::kEndHeaders, 1, {}));
    return read_frames({frames});
  };
  EXPECT_EQ(only_name(with_empty(kMaxContinuations)), "x.test");
  EXPECT_TRUE(is_over_a_cap(with_empty(kMaxContinuations + 1)));
}

TEST(Http2, ABlockMayHaveAsManyFieldsAsItsBoundAndNoMore) {
  const auto with_fields = [](unsigned count) {
    Bytes block = http2::literal(":authority", "x.test");
    for (unsigned i = 1; i < count; ++i) block.push_back(0x82);  // :method GET, one byte
    return read_frames({http2::headers(1, block)});
  };
  EXPECT_EQ(only_name(with_fields(kMaxHeaderFields)), "x.test");
  EXPECT_TRUE(is_over_a_cap(with_fields(kMaxHeaderFields + 1)));
}

TEST(Http2, GivesUpByNameWhereEveryServerDoes) {
  const Bytes block = http2::literal(":authority", "x.test");
  const Bytes open = http2::frame(http2::kHeaders, 0, 1, block);
  for (const Bytes& frames : {joined({open, http2::frame(http2::kData, 0, 1, {1})}),         // inside a block
                              joined({open, http2::frame(http2::kContinuation, 4, 3, {})}),  // of another stream
                              joined({open, http2::headers(3, block)}),                      // two at once
                              http2::frame(http2::kContinuation, 4, 1, block),               // without a beginning
                              http2::headers(0, block),                                      // of no stream
                              http2::frame(http2::kHeaders, http2::kPadded, 1, {}),  // no room for the padding's length
                              http2::frame(http2::kHeaders, http2::kPadded | 4, 1, {9, 1}),   // more padding than frame
                              http2::frame(http2::kHeaders, http2::kPriority, 1, {1, 2, 3}),  // no room for a priority
                              http2::headers(1, {0x80}), http2::headers(1, {0x41, 0x05, 'x'}),  // no HPACK
                              http2::headers(1, {0x3f, 0xe2, 0x1f})}) {  // a table over its bound
    EXPECT_TRUE(is_over_a_cap(read_frames({frames})));
  }
}

TEST(Http2, SaysWhenNoDecoderIsFree) {
  HpackPool pool = std::move(*HpackPool::create(1));
  const ExtractContext context{{kMaxHttpHead, kMaxHello}, &pool};
  HpackEncoder encoder;
  const Bytes ask = joined({http2::opening(), http2::headers(1, encoder.block(http2::get("a.test", "/")))});
  const HpackIndex taken = pool.take();
  const Reading none = read_stream(ask, {}, context);
  EXPECT_EQ(none.outcome, ExtractOutcome::uninspected);
  EXPECT_EQ(none.reason, UninspectedReason::http2_pool);
  EXPECT_EQ(read_stream(ask, {}, {context.limits, nullptr}).reason, UninspectedReason::http2_pool);
  pool.give_back(taken);
  EXPECT_EQ(only_name(read_stream(ask, {}, context)), "a.test");
  EXPECT_EQ(pool.in_use(), 0U) << "given back when the stream ended";
}

TEST(Http2, GivesItsDecoderBackWhenItGivesUp) {
  HpackPool pool = std::move(*HpackPool::create(1));
  const ExtractContext context{{kMaxHttpHead, kMaxHello}, &pool};
  StreamParser parser;
  RequestText text;
  const Bytes broken = joined({http2::opening(), http2::headers(1, {0x80})});
  EXPECT_EQ(parser.feed(broken, text, context).outcome, ExtractOutcome::uninspected);
  EXPECT_EQ(pool.in_use(), 0U);
  parser.release(context);
  EXPECT_EQ(pool.in_use(), 0U);
}

}  // namespace
}  // namespace parapet::packet
