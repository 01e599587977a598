// SPDX-License-Identifier: Apache-2.0
// Downloads from a real HTTPS server on 127.0.0.1, in each way a source can answer.
#include "lists/fetch/fetch.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "https_source.h"

namespace parapet::lists {
namespace {

const support::HttpsSource& source() {
  static const support::HttpsSource source;
  return source;
}

FetchRequest request_for(const std::string& path) {
  FetchRequest request;
  request.url = source().url(path);
  request.ca_file = source().ca_file();
  request.deadline_ms = 5000;
  return request;
}

ErrorCode code_of(const FetchRequest& request) {
  const auto outcome = fetch_feed(request);
  EXPECT_FALSE(outcome);
  return outcome ? ErrorCode::unavailable : outcome.error().code;
}

TEST(Fetch, BringsTheWholeListWithItsVersion) {
  source().folder().write("list.txt", "listed.example.test\n");
  const auto outcome = fetch_feed(request_for("/file/list.txt"));
  ASSERT_TRUE(outcome) << outcome.error().context;
  const auto& feed = std::get<RawFeed>(*outcome);
  EXPECT_EQ(text_of(feed.bytes), "listed.example.test\n");
  EXPECT_EQ(feed.head.declared_size, 20);
  EXPECT_TRUE(feed.head.end_is_marked);
  EXPECT_EQ(feed.head.etag.size(), 18u);
  EXPECT_GT(feed.head.last_modified_realtime_ns, 1'500'000'000'000'000'000u);
}

TEST(Fetch, SaysNotModifiedOnlyForTheVersionHeld) {
  source().folder().write("list.txt", "one.example.test\n");
  auto request = request_for("/file/list.txt");
  const auto first = fetch_feed(request);
  ASSERT_TRUE(first) << first.error().context;
  request.etag = std::get<RawFeed>(*first).head.etag;
  const auto second = fetch_feed(request);
  ASSERT_TRUE(second) << second.error().context;
  EXPECT_TRUE(std::holds_alternative<NotModified>(*second));
  source().folder().write("list.txt", "two.example.test\n");
  const auto third = fetch_feed(request);
  ASSERT_TRUE(third) << third.error().context;
  EXPECT_TRUE(std::holds_alternative<RawFeed>(*third));
}

TEST(Fetch, SendsAReportWithTheSourcesCredentials) {
  auto request = request_for("/report");
  request.posted = "{\"parapet_report\":1}\n";
  const auto sent = fetch_feed(request);
  ASSERT_TRUE(sent) << sent.error().context;
  EXPECT_TRUE(std::holds_alternative<NotModified>(*sent));
  EXPECT_EQ(source().folder().read("posted"), "application/json\n" + request.posted);
  request.url = source().url("/bearer");
  EXPECT_EQ(code_of(request), ErrorCode::refused);
  source().folder().write("token", "t0ken\n");
  request.authorization = Authorization::bearer;
  request.credentials_file = source().folder().file("token");
  EXPECT_TRUE(fetch_feed(request));
}

TEST(Fetch, AReportThatIsNotTakenIsAFailure) {
  for (const char* status : {"302", "304", "404", "500"}) {
    auto request = request_for(std::string("/status/") + status);
    request.posted = "{}";
    EXPECT_EQ(code_of(request), ErrorCode::refused) << status;
  }
  for (const char* status : {"200", "201", "202"}) {
    auto request = request_for(std::string("/status/") + status);
    request.posted = "{}";
    EXPECT_TRUE(fetch_feed(request)) << status;
  }
}

TEST(Fetch, RefusesNotModifiedThatNobodyAskedFor) { EXPECT_EQ(code_of(request_for("/none")), ErrorCode::malformed); }

TEST(Fetch, TakesAListInChunks) {
  const auto outcome = fetch_feed(request_for("/chunked/100000"));
  ASSERT_TRUE(outcome) << outcome.error().context;
  EXPECT_EQ(std::get<RawFeed>(*outcome).bytes.size(), 100'000u);
  EXPECT_TRUE(std::get<RawFeed>(*outcome).head.end_is_marked);
}

TEST(Fetch, BringsTheSignatureBesideTheList) {
  source().folder().write("list.txt", "one.example.test\n");
  source().folder().write("list.txt.minisig", "signed\n");
  auto request = request_for("/file/list.txt");
  request.signature_url = source().url("/file/list.txt.minisig");
  auto outcome = fetch_feed(request);
  ASSERT_TRUE(outcome) << outcome.error().context;
  EXPECT_EQ(std::get<RawFeed>(*outcome).head.signature, "signed\n");
  EXPECT_EQ(text_of(std::get<RawFeed>(*outcome).bytes), "one.example.test\n");
  request.etag = std::get<RawFeed>(*outcome).head.etag;
  request.signature_url = source().url("/status/404");
  EXPECT_TRUE(fetch_feed(request)) << "an unchanged list needs no signature";
  request.etag.clear();
  outcome = fetch_feed(request);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().context, "the signature: the source answers HTTP 404");
  request.signature_url = source().url("/declared/4097");
  EXPECT_EQ(code_of(request), ErrorCode::limit);
  request.signature_url = source().url("/slow");
  request.deadline_ms = 700;
  EXPECT_EQ(code_of(request), ErrorCode::timeout) << "one deadline for both";
}

TEST(Fetch, StopsAtTheSizeLimitAnnouncedOrNot) {
  for (const auto* path : {"/chunked/100001", "/declared/100001"}) {
    auto request = request_for(path);
    request.max_size_bytes = 100'000;
    EXPECT_EQ(code_of(request), ErrorCode::limit) << path;
  }
  auto request = request_for("/chunked/100000");
  request.max_size_bytes = 100'000;
  EXPECT_TRUE(fetch_feed(request));
}

TEST(Fetch, ADownloadCutShortIsAnError) { EXPECT_EQ(code_of(request_for("/short")), ErrorCode::integrity); }

TEST(Fetch, AnUnmarkedEndIsTold) {
  const auto outcome = fetch_feed(request_for("/unmarked"));
  if (outcome) {
    EXPECT_FALSE(std::get<RawFeed>(*outcome).head.end_is_marked);
  } else {
    EXPECT_EQ(outcome.error().code, ErrorCode::integrity);
  }
}

TEST(Fetch, ASlowBodyMeetsTheDeadline) {
  auto request = request_for("/slow");
  request.deadline_ms = 500;
  EXPECT_EQ(code_of(request), ErrorCode::timeout);
}

TEST(Fetch, AnotherCaIsNotBelieved) {
  auto request = request_for("/file/list.txt");
  request.ca_file = source().other_ca_file();
  EXPECT_EQ(code_of(request), ErrorCode::integrity);
  request.ca_file.clear();
  EXPECT_EQ(code_of(request), ErrorCode::integrity);
  request.ca_file = source().folder().file("missing.pem");
  EXPECT_EQ(code_of(request), ErrorCode::invalid_argument);
}

TEST(Fetch, AnotherHostNameIsNotBelieved) {
  auto request = request_for("/file/list.txt");
  request.url.replace(8, 9, "127.0.0.2");
  const auto outcome = fetch_feed(request);
  ASSERT_FALSE(outcome);  // not listening there, or not certified for it
}

TEST(Fetch, RedirectsAndOtherStatusAreRefused) {
  EXPECT_EQ(code_of(request_for("/redirect")), ErrorCode::refused);
  EXPECT_EQ(code_of(request_for("/status/500")), ErrorCode::refused);
  EXPECT_EQ(code_of(request_for("/status/204")), ErrorCode::refused);
  EXPECT_EQ(code_of(request_for("/gzip")), ErrorCode::refused);
}

TEST(Fetch, OnlyHttpsIsSpoken) {
  auto request = request_for("/file/list.txt");
  request.url.erase(4, 1);
  EXPECT_EQ(code_of(request), ErrorCode::invalid_argument);
}

TEST(Fetch, NobodyListeningIsUnavailable) {
  auto request = request_for("/");
  request.url = "https://127.0.0.1:1/";
  EXPECT_EQ(code_of(request), ErrorCode::unavailable);
}

TEST(Fetch, SendsCredentialsAsConfigured) {
  auto basic = request_for("/basic");
  EXPECT_EQ(code_of(basic), ErrorCode::refused);
  basic.authorization = Authorization::basic;
  basic.credentials_file = source().folder().write("basic", "hotline:s3cret\n");
  EXPECT_TRUE(fetch_feed(basic));
  basic.credentials_file = source().folder().write("wrong", "hotline:wrong\n");
  const auto wrong = fetch_feed(basic);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().context.find("wrong"), std::string::npos);

  auto bearer = request_for("/bearer");
  bearer.authorization = Authorization::bearer;
  bearer.credentials_file = source().folder().write("bearer", "t0ken\n");
  EXPECT_TRUE(fetch_feed(bearer));
}

TEST(Fetch, ShowsACertificateOfItsOwn) {
  auto request = request_for("/client");
  EXPECT_EQ(code_of(request), ErrorCode::refused);
  request.client_certificate = source().folder().file("client.pem");
  request.client_key = source().folder().file("client.key");
  EXPECT_TRUE(fetch_feed(request));
  request.client_key = source().folder().write("open.key", source().folder().read("client.key"), 0644);
  EXPECT_EQ(code_of(request), ErrorCode::permission) << "a key that others can read";
  request.client_key = source().folder().file("missing.key");
  EXPECT_EQ(code_of(request), ErrorCode::not_found);
  request.client_key = source().folder().write("other.key", source().folder().read("server.key"));
  EXPECT_EQ(code_of(request), ErrorCode::invalid_argument) << "not the certificate's key";
}

TEST(Fetch, GoesThroughAProxyWhereOneIsNamed) {
  source().folder().write("list.txt", "one.example.test\n");
  auto request = request_for("/file/list.txt");
  EXPECT_TRUE(fetch_feed(request));
  EXPECT_FALSE(source().folder().has("proxied"));
  request.proxy = source().proxy();
  const auto outcome = fetch_feed(request);
  ASSERT_TRUE(outcome) << outcome.error().context;
  EXPECT_EQ(text_of(std::get<RawFeed>(*outcome).bytes), "one.example.test\n");
  EXPECT_EQ("https://" + source().folder().read("proxied") + "/", source().url("/"));
  request.ca_file = source().other_ca_file();
  EXPECT_EQ(code_of(request), ErrorCode::integrity) << "a proxy vouches for nobody";
  request = request_for("/file/list.txt");
  request.proxy = "http://127.0.0.1:1";
  EXPECT_EQ(code_of(request), ErrorCode::unavailable);
}

TEST(Fetch, SendsNoMoreThanItMust) {
  const auto outcome = fetch_feed(request_for("/agent"));
  ASSERT_TRUE(outcome) << outcome.error().context;
  EXPECT_EQ(text_of(std::get<RawFeed>(*outcome).bytes), R"(["accept", "host", "user-agent"])");
}

}  // namespace
}  // namespace parapet::lists
