// SPDX-License-Identifier: Apache-2.0
// The frames between parapetd and its reading child; the child's are hostile.
#include "lists/update/read_frames.h"

#include <gtest/gtest.h>
#include <random>

#include "base/frame_fields.h"
#include "digested.h"

namespace parapet::lists {
namespace {

using support::digested;
using support::kListKey;

ReadRequest sample_request() {
  ReadRequest request{support::source_named("hotline"),
                      {"\"v1\"", "yesterday", 5, -1, true, "signed"},
                      kListKey,
                      99,
                      {{GuardRule::top_site, "top.example.test\n"}},
                      OpenPgpAnswer{1, "[GNUPG:] NODATA 1\n", 98},
                      std::vector<std::uint8_t>(32, 7)};
  request.source.zone = "rpz.example.test";
  request.source.format = config::FeedFormat::csv;
  request.source.csv.delimiter = ';';
  request.source.csv.kind_column = "kind";
  request.source.csv.ends_column = "until";
  request.source.increments = true;
  request.source.csv.operation_column = "o";
  request.source.csv.version_column = "v";
  request.source.csv.base_column = "b";
  request.source.url_is_prefix = true;
  request.source.max_size_bytes = 4'294'967'296;
  request.source.read_memory_mib = 77;
  request.source.max_wrong_lines = 5;
  request.source.signed_file = "list.txt";
  request.source.keys = {{"old", "RWold", ""}, {"new", "RWnew", ""}};
  request.source.kind_words = {{"FQDN", "domain"}};
  request.source.json = {"/a", "/b", "/c", "/d", "/e", "/f", "/g"};
  return request;
}

TEST(ReadFrames, ARequestIsReadBackAsItWasWritten) {
  const auto request = sample_request();
  const auto back = parse_read_request(format_read_request(request));
  ASSERT_TRUE(back) << back.error().context;
  EXPECT_EQ(back->source.name, "hotline");
  EXPECT_EQ(back->source.zone, "rpz.example.test");
  EXPECT_EQ(back->source.format, config::FeedFormat::csv);
  EXPECT_EQ(back->source.csv.delimiter, ';');
  EXPECT_EQ(back->source.csv.kind_column, "kind");
  EXPECT_EQ(back->source.csv.ends_column, "until");
  EXPECT_TRUE(back->source.url_is_prefix);
  EXPECT_FALSE(back->source.bare_host_is_domain);
  EXPECT_EQ(back->source.max_size_bytes, request.source.max_size_bytes);
  EXPECT_EQ(back->source.read_memory_mib, 77u);
  EXPECT_EQ(back->source.max_wrong_lines, 5u);
  EXPECT_EQ(back->source.signed_file, "list.txt");
  ASSERT_EQ(back->source.keys.size(), 2u);
  EXPECT_EQ(back->source.keys[1].name + back->source.keys[1].minisign, "newRWnew");
  ASSERT_EQ(back->source.kind_words.size(), 1u);
  EXPECT_EQ(back->source.kind_words[0].word + back->source.kind_words[0].kind, "FQDNdomain");
  const auto& json = back->source.json;
  EXPECT_EQ(json.entries + json.value + json.kind + json.ends, "/a/b/c/d");
  EXPECT_TRUE(back->source.increments);
  EXPECT_EQ(json.operation + json.version + json.base, "/e/f/g");
  const auto& csv = back->source.csv;
  EXPECT_EQ(csv.operation_column + csv.version_column + csv.base_column, "ovb");
  EXPECT_EQ(back->head.signature, "signed");
  EXPECT_EQ(back->trusted_now_realtime_ns, 99u);
  ASSERT_TRUE(back->openpgp);
  EXPECT_EQ(back->openpgp->exit_status, 1);
  EXPECT_EQ(back->openpgp->status, "[GNUPG:] NODATA 1\n");
  EXPECT_EQ(back->openpgp->clock_realtime_ns, 98u);
  EXPECT_EQ(back->source.url, "") << "where it came from is none of the child's business";
  EXPECT_EQ(back->head.etag, "\"v1\"");
  EXPECT_EQ(back->head.last_modified, "yesterday");
  EXPECT_EQ(back->head.last_modified_realtime_ns, 5u);
  EXPECT_EQ(back->head.declared_size, -1);
  EXPECT_TRUE(back->head.end_is_marked);
  EXPECT_EQ(back->digest_key.k0, kListKey.k0);
  EXPECT_EQ(back->digest_key.k1, kListKey.k1);
}

TEST(ReadFrames, ADataKeyIsWholeOrNone) {
  auto request = sample_request();
  EXPECT_EQ(parse_read_request(format_read_request(request))->data_key, request.data_key);
  request.data_key.clear();
  EXPECT_TRUE(parse_read_request(format_read_request(request))->data_key.empty());
  request.data_key.resize(31);
  EXPECT_FALSE(parse_read_request(format_read_request(request)));
}

TEST(ReadFrames, EveryCutRequestIsRefused) {
  const auto bytes = format_read_request(sample_request());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(parse_read_request(ByteView(bytes).first(size))) << size;
  }
}

TEST(ReadFrames, RepliesOfEachTypeAreReadBack) {
  GuardedList guarded{digested("a.example.test\n"), {}};
  add_finding(guarded.findings, GuardRule::top_site, EntryId{guarded.list.entries[0].id});
  add_finding(guarded.findings, GuardRule::guard_data, "top_sites.txt is missing");
  const auto back = parse_read_reply(format_read_reply(guarded, kListKey), kListKey, "hotline");
  ASSERT_TRUE(back) << back.error().context;
  EXPECT_EQ(back->list.entries, guarded.list.entries);
  EXPECT_EQ(back->findings, guarded.findings);
  const auto error =
      parse_read_reply(format_read_reply(fail(ErrorCode::limit, "too much"), kListKey), kListKey, "hotline");
  ASSERT_FALSE(error);
  EXPECT_EQ(error.error().code, ErrorCode::limit);
  EXPECT_EQ(error.error().context, "too much");
}

TEST(ReadFrames, AnIncrementIsReadBack) {
  GuardedList sent{
      digested("a.example.test\n"), {}, Increment{6, digested("b.example.test\nc.example.test\n").entries}};
  sent.list.place.version = 7;
  add_finding(sent.findings, GuardRule::top_site, EntryId{sent.list.entries[0].id});
  const auto back = parse_read_reply(format_read_reply(sent, kListKey), kListKey, "hotline");
  ASSERT_TRUE(back) << back.error().context;
  EXPECT_EQ(back->list.entries, sent.list.entries);
  EXPECT_EQ(back->list.place.version, 7u);
  EXPECT_EQ(back->findings, sent.findings);
  ASSERT_TRUE(back->increment);
  EXPECT_EQ(back->increment->base, 6u);
  EXPECT_EQ(back->increment->removed, sent.increment->removed);
  for (const std::uint64_t base : {0u, 7u, 8u}) {
    sent.increment->base = base;
    EXPECT_FALSE(parse_read_reply(format_read_reply(sent, kListKey), kListKey, "hotline")) << base;
  }
}

TEST(ReadFrames, AReplyForAnotherSourceIsRefused) {
  const auto reply = format_read_reply(GuardedList{digested("a.example.test\n", "other"), {}}, kListKey);
  EXPECT_EQ(parse_read_reply(reply, kListKey, "hotline").error().code, ErrorCode::integrity);
}

TEST(ReadFrames, AnErrorsTextIsVisibleAndBounded) {
  auto reply = format_read_reply(fail(ErrorCode::limit, std::string(5000, 'x') + "\x1b[2J"), kListKey);
  const auto cut = parse_read_reply(reply, kListKey, "hotline");
  EXPECT_EQ(cut.error().context.size(), kMaxErrorContext);
  reply = format_read_reply(fail(ErrorCode::limit, "abc"), kListKey);
  reply.back() = 0x1b;
  EXPECT_EQ(parse_read_reply(reply, kListKey, "hotline").error().code, ErrorCode::malformed);
}

TEST(ReadFrames, CutFlippedAndRandomRepliesAreNamedErrors) {
  GuardedList guarded{digested("a.example.test\nb.example.test\n"), {}};
  const auto good = format_read_reply(guarded, kListKey);
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(parse_read_reply(ByteView(good).first(size), kListKey, "hotline")) << size;
  }
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    auto bytes = good;
    bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] ^ (1u << (bit % 8)));
    EXPECT_FALSE(parse_read_reply(bytes, kListKey, "hotline")) << bit;
  }
  std::minstd_rand random{5};
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::uint8_t> bytes(random() % 300);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
    if (bytes.size() > 9) std::copy_n("PRR1\x02\0\0\0", 8, bytes.begin());
    EXPECT_FALSE(parse_read_reply(bytes, kListKey, "hotline"));
  }
}

}  // namespace
}  // namespace parapet::lists
