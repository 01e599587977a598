// SPDX-License-Identifier: Apache-2.0
// The frames between parapetd and its reading child; the child's are hostile.
#include "lists/update/child_frames.h"

#include <gtest/gtest.h>
#include <random>

#include "digested.h"

namespace parapet::lists {
namespace {

using support::digested;
using support::kListKey;

ReadRequest sample_request() {
  ReadRequest request{support::source_named("hotline"), "/var/lib/parapet/digest.key", "\"v1\"", "yesterday"};
  request.source.format = config::FeedFormat::csv;
  request.source.credentials = config::CredentialsKind::bearer;
  request.source.credentials_file = "/etc/parapet/token";
  request.source.csv.delimiter = ';';
  request.source.csv.kind_column = "kind";
  request.source.url_is_prefix = true;
  request.source.max_size_bytes = 4'294'967'296;
  return request;
}

TEST(ChildFrames, ARequestIsReadBackAsItWasWritten) {
  const auto request = sample_request();
  const auto back = parse_request(format_request(request));
  ASSERT_TRUE(back) << back.error().context;
  EXPECT_EQ(back->source.name, "hotline");
  EXPECT_EQ(back->source.url, request.source.url);
  EXPECT_EQ(back->source.format, config::FeedFormat::csv);
  EXPECT_EQ(back->source.credentials, config::CredentialsKind::bearer);
  EXPECT_EQ(back->source.csv.delimiter, ';');
  EXPECT_EQ(back->source.csv.kind_column, "kind");
  EXPECT_TRUE(back->source.url_is_prefix);
  EXPECT_FALSE(back->source.bare_host_is_domain);
  EXPECT_EQ(back->source.max_size_bytes, request.source.max_size_bytes);
  EXPECT_EQ(back->digest_key_file, request.digest_key_file);
  EXPECT_EQ(back->etag, "\"v1\"");
  EXPECT_EQ(back->last_modified, "yesterday");
}

TEST(ChildFrames, EveryCutRequestIsRefused) {
  const auto bytes = format_request(sample_request());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(parse_request(ByteView(bytes).first(size))) << size;
  }
}

TEST(ChildFrames, RepliesOfEachTypeAreReadBack) {
  const auto list = digested("a.example.test\n");
  const auto back = parse_reply(format_reply(ReadReply(list), kListKey), kListKey, "hotline");
  ASSERT_TRUE(back) << back.error().context;
  EXPECT_EQ(std::get<DigestedList>(*back).entries, list.entries);
  const auto unchanged = parse_reply(format_reply(ReadReply(NotModified{}), kListKey), kListKey, "hotline");
  ASSERT_TRUE(unchanged);
  EXPECT_TRUE(std::holds_alternative<NotModified>(*unchanged));
  const auto error = parse_reply(format_reply(fail(ErrorCode::limit, "too much"), kListKey), kListKey, "hotline");
  ASSERT_FALSE(error);
  EXPECT_EQ(error.error().code, ErrorCode::limit);
  EXPECT_EQ(error.error().context, "too much");
}

TEST(ChildFrames, AReplyForAnotherSourceIsRefused) {
  const auto reply = format_reply(ReadReply(digested("a.example.test\n", "other")), kListKey);
  EXPECT_EQ(parse_reply(reply, kListKey, "hotline").error().code, ErrorCode::integrity);
}

TEST(ChildFrames, AnErrorsTextIsVisibleAndBounded) {
  auto reply = format_reply(fail(ErrorCode::limit, std::string(5000, 'x') + "\x1b[2J"), kListKey);
  const auto cut = parse_reply(reply, kListKey, "hotline");
  EXPECT_EQ(cut.error().context.size(), kMaxErrorContext);
  reply = format_reply(fail(ErrorCode::limit, "abc"), kListKey);
  reply.back() = 0x1b;
  EXPECT_EQ(parse_reply(reply, kListKey, "hotline").error().code, ErrorCode::malformed);
}

TEST(ChildFrames, CutFlippedAndRandomRepliesAreNamedErrors) {
  const auto good = format_reply(ReadReply(digested("a.example.test\nb.example.test\n")), kListKey);
  EXPECT_EQ(parse_reply({}, kListKey, "hotline").error().code, ErrorCode::unavailable);
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(parse_reply(ByteView(good).first(size), kListKey, "hotline")) << size;
  }
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    auto bytes = good;
    bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] ^ (1u << (bit % 8)));
    EXPECT_FALSE(parse_reply(bytes, kListKey, "hotline")) << bit;
  }
  std::minstd_rand random{5};
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::uint8_t> bytes(random() % 300);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
    if (bytes.size() > 9) std::copy_n("PRR1\x02\0\0\0", 8, bytes.begin());
    EXPECT_FALSE(parse_reply(bytes, kListKey, "hotline"));
  }
}

}  // namespace
}  // namespace parapet::lists
