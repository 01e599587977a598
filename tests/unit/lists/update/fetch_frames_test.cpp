// SPDX-License-Identifier: Apache-2.0
// The frames between parapetd and its fetching child; the child's are hostile.
#include "lists/update/fetch_frames.h"

#include <gtest/gtest.h>

namespace parapet::lists {
namespace {

const FetchRequest kRequest{.path = "/drop/list",
                            .primary = "192.0.2.53:53",
                            .zone = "rpz.example.test",
                            .tsig_key_file = "/tsig",
                            .url = "https://hotline.example.test/list",
                            .ca_file = "/ca.pem",
                            .authorization = Authorization::bearer,
                            .credentials_file = "/token",
                            .client_certificate = "/client.pem",
                            .client_key = "/client.key",
                            .proxy = "http://proxy.example.test:3128",
                            .etag = "\"v1\"",
                            .last_modified = "yesterday",
                            .signature_path = "/drop/list.minisig",
                            .signature_url = "https://hotline.example.test/sig",
                            .deadline_ms = 1234,
                            .max_size_bytes = std::uint64_t{1} << 33,
                            .posted = "{\"parapet_report\":1}\n"};

TEST(FetchFrames, ARequestIsReadBackAsItWasWritten) {
  const auto back = parse_fetch_request(format_fetch_request(kRequest));
  ASSERT_TRUE(back) << back.error().context;
  EXPECT_EQ(back->path, kRequest.path);
  EXPECT_EQ(back->primary, kRequest.primary);
  EXPECT_EQ(back->zone, kRequest.zone);
  EXPECT_EQ(back->tsig_key_file, kRequest.tsig_key_file);
  EXPECT_EQ(back->signature_path, kRequest.signature_path);
  EXPECT_EQ(back->url, kRequest.url);
  EXPECT_EQ(back->ca_file, kRequest.ca_file);
  EXPECT_EQ(back->authorization, kRequest.authorization);
  EXPECT_EQ(back->credentials_file, kRequest.credentials_file);
  EXPECT_EQ(back->client_certificate, kRequest.client_certificate);
  EXPECT_EQ(back->client_key, kRequest.client_key);
  EXPECT_EQ(back->proxy, kRequest.proxy);
  EXPECT_EQ(back->etag, kRequest.etag);
  EXPECT_EQ(back->last_modified, kRequest.last_modified);
  EXPECT_EQ(back->signature_url, kRequest.signature_url);
  EXPECT_EQ(back->deadline_ms, kRequest.deadline_ms);
  EXPECT_EQ(back->max_size_bytes, kRequest.max_size_bytes);
  EXPECT_EQ(back->posted, kRequest.posted);
}

TEST(FetchFrames, RepliesOfEachTypeAreReadBack) {
  const auto fetched = parse_fetch_reply(format_fetch_reply(FeedHead{"\"v2\"", "today", 9, 7, true, "signed"}));
  ASSERT_TRUE(fetched) << fetched.error().context;
  const auto& head = std::get<FeedHead>(*fetched);
  EXPECT_EQ(head.etag, "\"v2\"");
  EXPECT_EQ(head.last_modified, "today");
  EXPECT_EQ(head.last_modified_realtime_ns, 9u);
  EXPECT_EQ(head.declared_size, 7);
  EXPECT_TRUE(head.end_is_marked);
  EXPECT_EQ(head.signature, "signed");
  const auto unchanged = parse_fetch_reply(format_fetch_reply(NotModified{}));
  ASSERT_TRUE(unchanged);
  EXPECT_TRUE(std::holds_alternative<NotModified>(*unchanged));
  const auto error = parse_fetch_reply(format_fetch_reply(fail(ErrorCode::refused, "HTTP 404")));
  ASSERT_FALSE(error);
  EXPECT_EQ(error.error().code, ErrorCode::refused);
  EXPECT_EQ(error.error().context, "HTTP 404");
}

TEST(FetchFrames, WhatIsCutOrGoesOnIsRefused) {
  const auto request = format_fetch_request(kRequest);
  for (std::size_t size = 0; size < request.size(); ++size) {
    EXPECT_FALSE(parse_fetch_request(ByteView(request).first(size))) << size;
  }
  for (auto good : {format_fetch_reply(FeedHead{"\"v2\"", "today", 9, 7, true, "signed"}),
                    format_fetch_reply(NotModified{}), format_fetch_reply(fail(ErrorCode::refused, "HTTP 404"))}) {
    for (std::size_t size = 0; size < good.size(); ++size) {
      EXPECT_FALSE(parse_fetch_reply(ByteView(good).first(size))) << size;
    }
    good.push_back(0);
    EXPECT_EQ(parse_fetch_reply(good).error().code, ErrorCode::malformed);
  }
}

TEST(FetchFrames, AHeadThatNoSourceCouldHaveSentIsRefused) {
  EXPECT_FALSE(parse_fetch_reply(format_fetch_reply(FeedHead{std::string(kMaxEtag + 1, 'e'), "", 0, 7, true})));
  EXPECT_FALSE(parse_fetch_reply(format_fetch_reply(FeedHead{"\x1b[2J", "", 0, 7, true})));
  EXPECT_FALSE(parse_fetch_reply(format_fetch_reply(FeedHead{"", "a\nb", 0, 7, true})));
  EXPECT_FALSE(
      parse_fetch_reply(format_fetch_reply(FeedHead{"", "", 0, 7, true, std::string(kMaxSignature + 1, 's')})));
}

}  // namespace
}  // namespace parapet::lists
