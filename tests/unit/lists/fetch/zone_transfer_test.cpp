// SPDX-License-Identifier: Apache-2.0
// Transfers from a primary on 127.0.0.1 that signs by another implementation, in each way it can go wrong.
#include "lists/fetch/zone_transfer.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "lists/fetch/dns_stream.h"
#include "lists/fetch/tsig.h"
#include "zone_source.h"

namespace parapet::lists {
namespace {

constexpr const char* kZone = "rpz.example.test";
constexpr const char* kSecret = "c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0IQ==";

const support::ZoneSource& zone_primary() {
  static const support::ZoneSource zone_primary;
  return zone_primary;
}

void serve(unsigned serial, const std::string& how, const std::string& algorithm = "hmac-sha256") {
  zone_primary().folder().write(kZone, R"({"serial": )" + std::to_string(serial) + R"(, "how": ")" + how +
                                           R"(", "key": [")" + algorithm + R"(", "transfer.example.test", ")" +
                                           kSecret +
                                           R"("], "rules": [["a.example.test", "."], ["*.a.example.test", "."]]})");
}

FetchRequest zone_request(const std::string& algorithm = "hmac-sha256") {
  FetchRequest request;
  request.primary = zone_primary().address();
  request.zone = kZone;
  request.tsig_key_file = zone_primary().folder().write("key", algorithm + ":Transfer.example.test:" + kSecret + "\n");
  request.deadline_ms = 5000;
  request.max_size_bytes = 200'000;
  return request;
}

std::string text_when(const std::string& how) {
  serve(7, how);
  const auto outcome = fetch_feed(zone_request());
  EXPECT_TRUE(outcome) << how << ": " << outcome.error().context;
  return outcome ? std::string(text_of(std::get<RawFeed>(*outcome).bytes)) : "";
}

Error error_when(const std::string& how) {
  serve(7, how);
  auto request = zone_request();
  if (how == "slow") request.deadline_ms = 300;
  const auto outcome = fetch_feed(request);
  EXPECT_FALSE(outcome) << how;
  return outcome ? Error{ErrorCode::unavailable, ""} : outcome.error();
}

constexpr const char* kText =
    "rpz.example.test.\t60\tIN\tSOA\tns.example.test. admin.example.test. 7 60 60 3600 60\n"
    "a.example.test.rpz.example.test.\t60\tIN\tCNAME\t.\n"
    "*.a.example.test.rpz.example.test.\t60\tIN\tCNAME\t.\n";

TEST(ZoneTransfer, BringsTheZoneAsTextWithItsSerial) {
  serve(7, "good");
  const auto outcome = fetch_feed(zone_request());
  ASSERT_TRUE(outcome) << outcome.error().context;
  const auto& feed = std::get<RawFeed>(*outcome);
  EXPECT_EQ(text_of(feed.bytes), kText);
  EXPECT_EQ(feed.head.etag, "soa:7:rpz.example.test");
  EXPECT_EQ(feed.head.declared_size, static_cast<std::int64_t>(feed.bytes.size()));
  EXPECT_TRUE(feed.head.end_is_marked);
}

TEST(ZoneTransfer, IsSignedByEachAlgorithm) {
  for (const char* algorithm : {"hmac-sha256", "hmac-sha384", "hmac-sha512"}) {
    serve(7, "in_parts", algorithm);
    const auto outcome = fetch_feed(zone_request(algorithm));
    EXPECT_TRUE(outcome) << algorithm << ": " << outcome.error().context;
  }
}

TEST(ZoneTransfer, MessagesBetweenMayBeUnsigned) {
  EXPECT_EQ(text_when("in_parts"), kText);
  EXPECT_NE(text_when("unsigned_99").find("n98.test.rpz"), std::string::npos);
  EXPECT_EQ(error_when("unsigned_100").context, "more than 99 messages in a row are not signed");
}

TEST(ZoneTransfer, TheSameSerialBringsNothing) {
  serve(7, "good");
  auto request = zone_request();
  request.etag = "soa:7:rpz.example.test";
  const auto unchanged = fetch_feed(request);
  ASSERT_TRUE(unchanged) << unchanged.error().context;
  EXPECT_TRUE(std::holds_alternative<NotModified>(*unchanged));
  for (const char* etag : {"soa:6:rpz.example.test", "soa:4294967295:rpz.example.test", "soa:7:other.example.test",
                           "\"an-etag\"", "soa:", "soa:99999999999:rpz.example.test"}) {
    request.etag = etag;
    const auto changed = fetch_feed(request);
    ASSERT_TRUE(changed) << etag << ": " << changed.error().context;
    EXPECT_TRUE(std::holds_alternative<RawFeed>(*changed)) << etag;
  }
}

TEST(ZoneTransfer, ASerialGoneBackIsRefused) {
  serve(7, "good");
  auto request = zone_request();
  for (const char* etag : {"soa:8:rpz.example.test", "soa:2147483655:rpz.example.test"}) {
    request.etag = etag;
    const auto outcome = fetch_feed(request);
    ASSERT_FALSE(outcome) << etag;
    EXPECT_EQ(outcome.error().code, ErrorCode::refused);
    EXPECT_NE(outcome.error().context.find("an old list does not come back"), std::string::npos);
  }
  serve(7, "soa_only_older");
  request.etag = "soa:6:rpz.example.test";
  const auto outcome = fetch_feed(request);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::refused);
}

TEST(ZoneTransfer, WhatIsNotSignedByOurKeyIsRefused) {
  const auto expect = [](const char* how, ErrorCode code, std::string_view context) {
    const auto error = error_when(how);
    EXPECT_EQ(error.code, code) << how;
    EXPECT_NE(error.context.find(context), std::string::npos) << how << ": " << error.context;
  };
  expect("all_unsigned", ErrorCode::integrity, "is not signed");
  expect("last_unsigned", ErrorCode::integrity, "the transfer's last message is not signed");
  expect("other_secret", ErrorCode::integrity, "the signature does not fit");
  expect("other_name", ErrorCode::integrity, "another key");
  expect("old", ErrorCode::integrity, "s apart from this box's time");
  expect("bad_key", ErrorCode::refused, "BADKEY");
}

TEST(ZoneTransfer, EveryFlippedBitOfASignedAnswerIsNoticed) {
  serve(7, "good");
  const auto key = read_tsig_key(zone_request().tsig_key_file);
  ASSERT_TRUE(key) << key.error().context;
  const Nanoseconds now = read_clock(CLOCK_REALTIME) / kNanosecondsPerSecond;
  const auto stream =
      DnsStream::connect(zone_primary().address(), read_clock(CLOCK_MONOTONIC) + 5 * kNanosecondsPerSecond);
  ASSERT_TRUE(stream) << stream.error().context;
  auto query = format_query(0x1234, *to_wire_name(kZone), kTypeAxfr);
  const auto mac = sign_query(*key, now, query);
  ASSERT_TRUE(mac && stream->send(query));
  const auto answer = stream->receive();
  ASSERT_TRUE(answer) << answer.error().context;
  const auto is_taken = [&](const std::vector<std::uint8_t>& bytes) {
    const auto message = parse_dns_message(bytes);
    auto verifier = TsigVerifier::begin(*key, *mac);
    return message && message->tsig && verifier->take(bytes, *message, now).has_value();
  };
  EXPECT_TRUE(is_taken(*answer));
  const std::size_t names = 23 + 13;  // letters' case in the key's and the algorithm's name says nothing
  std::size_t taken = 0;
  for (std::size_t bit = 16; bit < answer->size() * 8; ++bit) {  // of the ids the original one is signed
    auto flipped = *answer;
    flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ (1u << (bit % 8)));
    taken += is_taken(flipped) ? 1 : 0;
  }
  EXPECT_LE(taken, names);
}

TEST(ZoneTransfer, WhatIsNotWholeIsRefused) {
  const auto expect = [](const char* how, ErrorCode code, std::string_view context) {
    const auto error = error_when(how);
    EXPECT_EQ(error.code, code) << how;
    EXPECT_NE(error.context.find(context), std::string::npos) << how << ": " << error.context;
  };
  expect("cut", ErrorCode::integrity, "cut short");
  expect("no_end", ErrorCode::integrity, "cut short");
  expect("truncated", ErrorCode::integrity, "truncated");
  expect("endless", ErrorCode::limit, "max_size_bytes = 200000");
  expect("slow", ErrorCode::timeout, "deadline_ms");
  expect("refused", ErrorCode::refused, "the primary answers REFUSED");
  expect("other_id", ErrorCode::malformed, "no answer to our question");
  expect("other_question", ErrorCode::malformed, "no answer to our question");
  expect("no_soa", ErrorCode::malformed, "does not begin with a SOA");
  expect("other_soa", ErrorCode::integrity, "another SOA");
  expect("behind_soa", ErrorCode::malformed, "record 3 of the transfer is behind the SOA");
  expect("outside", ErrorCode::malformed, "record 2 of the transfer is outside the zone");
  expect("chaos", ErrorCode::malformed, "record 2 of the transfer is of another class");
  expect("empty_message", ErrorCode::malformed, "has no record");
  expect("garbage", ErrorCode::malformed, "cannot be read at byte");
}

TEST(ZoneTransfer, AZoneThatIsNotThereOrAPrimaryThatIsAway) {
  serve(7, "good");
  auto request = zone_request();
  request.zone = "none.example.test";
  EXPECT_EQ(fetch_feed(request).error().code, ErrorCode::integrity);
  request.primary = "127.0.0.1:1";
  EXPECT_EQ(fetch_feed(request).error().code, ErrorCode::unavailable);
  request.primary = "[::1]:1";
  EXPECT_EQ(fetch_feed(request).error().code, ErrorCode::unavailable);
  request.primary = "localhost";
  EXPECT_EQ(fetch_feed(request).error().code, ErrorCode::invalid_argument);
}

TEST(ZoneTransfer, WithoutAKeyAnyAnswerCounts) {
  serve(7, "all_unsigned");
  auto request = zone_request();
  request.tsig_key_file.clear();
  const auto outcome = fetch_feed(request);
  ASSERT_TRUE(outcome) << outcome.error().context;
  EXPECT_EQ(text_of(std::get<RawFeed>(*outcome).bytes), kText);
}

}  // namespace
}  // namespace parapet::lists
