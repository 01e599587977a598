// SPDX-License-Identifier: Apache-2.0
// Server names of TLS hellos in every shape a server accepts (S1-S9, S15).
#include <gtest/gtest.h>

#include "stream_reading.h"

namespace parapet::packet {
namespace {

using namespace streams;
using support::Bytes;
using support::TlsHello;
using Names = std::vector<std::string>;

Bytes records_joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) support::append(all, part);
  return all;
}

TEST(Tls, ReadsTheServerName) {
  const Reading seen =
      read_stream(TlsHello().extension(10, {0, 2, 0, 29}).server_name("www.example.test").extension(16, {}).record());
  ASSERT_EQ(seen.requests.size(), 1U);
  EXPECT_EQ(seen.requests[0].protocol, Protocol::tls);
  EXPECT_EQ(seen.requests[0].names, Names{"www.example.test"});
  EXPECT_FALSE(seen.requests[0].ech);
  EXPECT_EQ(seen.outcome, ExtractOutcome::request);
}

TEST(Tls, S1_ReadsAHelloOverRecordsOfAnyLength) {
  const TlsHello hello = TlsHello().padding(80).server_name("www.example.test").padding(20);
  for (std::size_t length = 1; length <= hello.message().size(); ++length) {
    ASSERT_EQ(only_name(read_stream(hello.records(length))), "www.example.test") << length;
  }
}

TEST(Tls, S2_AcceptsEveryRecordVersionThatAServerDoes) {
  for (const std::uint16_t version :
       std::initializer_list<std::uint16_t>{0x0300, 0x0301, 0x0303, 0x0304, 0x03ff, 0x0200, 0x0400, 0x0000, 0x0fff}) {
    EXPECT_EQ(only_name(read_stream(TlsHello().server_name("x.test").record(version))), "x.test");
  }
  EXPECT_EQ(read_stream(TlsHello().server_name("x.test").record(0x1001)).outcome, ExtractOutcome::opaque);
}

TEST(Tls, S3_KeepsTheHelloOverAlertsCipherSpecsAndEmptyRecordsBetweenItsParts) {
  const Bytes message = TlsHello().server_name("x.test").message();
  const Bytes first(message.begin(), message.begin() + 50), second(message.begin() + 50, message.end());
  for (const Bytes& between :
       {support::tls_record(support::kTlsAlert, {1, 0}), support::tls_record(support::kTlsChangeCipherSpec, {1}),
        support::tls_record(support::kTlsHandshake, {}), support::tls_record(24, {1, 0, 0})}) {
    EXPECT_EQ(only_name(read_stream(
                  records_joined({support::tls_record(22, first), between, support::tls_record(22, second)}))),
              "x.test");
  }
  EXPECT_EQ(only_name(read_stream(
                records_joined({support::tls_record(support::kTlsAlert, {1, 0}), support::tls_record(22, message)}))),
            "x.test");
}

TEST(Tls, S3_PassesOverAChangeOfCipherBeforeTheHello) {
  const Bytes change = support::tls_record(support::kTlsChangeCipherSpec, {1});
  EXPECT_EQ(only_name(read_stream(records_joined({change, TlsHello().server_name("x.test").record()}))), "x.test");
  EXPECT_EQ(only_name(read_stream(records_joined({change, change, TlsHello().server_name("x.test").records(20)}))),
            "x.test");
  EXPECT_EQ(read_stream(support::tls_record(support::kTlsChangeCipherSpec, Bytes(20, 1))).outcome,
            ExtractOutcome::opaque);
}

TEST(Tls, CallsAnOddRecordVersionTlsOnlyOnceAHelloIsThere) {
  const Bytes no_hello = support::tls_record(22, Bytes(60, 0xee), 0x0200);
  EXPECT_EQ(read_stream(no_hello).outcome, ExtractOutcome::opaque);
  EXPECT_EQ(read_stream(support::tls_record(22, Bytes(60, 0xee), 0x0301)).outcome, ExtractOutcome::uninspected);
}

TEST(Tls, S1_GivesUpByNameAfterTooManyRecordsWithoutHandshakeBytes) {
  const auto with_empty = [](unsigned count) {
    Bytes stream;
    for (unsigned i = 0; i < count; ++i) support::append(stream, support::tls_record(22, {}));
    support::append(stream, TlsHello().server_name("x.test").record());
    return read_stream(stream);
  };
  EXPECT_EQ(only_name(with_empty(kMaxIdleRecords)), "x.test");
  EXPECT_EQ(with_empty(kMaxIdleRecords + 1).outcome, ExtractOutcome::uninspected);
  EXPECT_EQ(with_empty(kMaxIdleRecords + 1).reason, UninspectedReason::hello_cap);
}

TEST(Tls, S5_ReadsEveryHostNameOfEveryServerNameExtension) {
  const Reading seen = read_stream(
      TlsHello().server_names({{0, "a.test"}, {0, "b.test"}}).padding(10).server_names({{0, "c.test"}}).record());
  ASSERT_EQ(seen.requests.size(), 1U);
  EXPECT_EQ(seen.requests[0].names, (Names{"a.test", "b.test", "c.test"}));
}

TEST(Tls, S6_PassesOverNameTypesItDoesNotKnow) {
  EXPECT_EQ(only_name(read_stream(TlsHello().server_names({{7, "decoy.test"}, {255, ""}, {0, "x.test"}}).record())),
            "x.test");
}

TEST(Tls, S5_IgnoresTheLengthOfTheNameListWhereItContradictsTheExtension) {
  const Bytes entry = records_joined({{0, 0, 6}, support::to_bytes("x.test")});
  for (const std::uint8_t length : Bytes{0, 3, 255}) {
    EXPECT_EQ(only_name(read_stream(TlsHello().extension(0, records_joined({{0, length}, entry})).record())), "x.test");
  }
}

TEST(Tls, S5_SaysWhenANameCouldNotBeKept) {
  std::vector<std::pair<std::uint8_t, std::string>> nine(9, {std::uint8_t{0}, "a.test"});
  EXPECT_TRUE(read_stream(TlsHello().server_names(nine).record()).requests.at(0).name_lost);
  EXPECT_TRUE(read_stream(TlsHello().server_name(std::string(256, 'a')).record()).requests.at(0).name_lost);
  EXPECT_EQ(only_name(read_stream(TlsHello().server_name(std::string(255, 'a')).record())), std::string(255, 'a'));
  // A name that says it is longer than its extension.
  const Reading clipped = read_stream(
      TlsHello().extension(0, records_joined({{0, 9, 0, 0, 200}, support::to_bytes("x.test")})).padding(300).record());
  ASSERT_EQ(clipped.requests.size(), 1U);
  EXPECT_EQ(clipped.requests[0].names, Names{});
  EXPECT_TRUE(clipped.requests[0].name_lost);
}

TEST(Tls, S7_S8_FindsANameBehindExtensionsOfAnyOrderAndLength) {
  EXPECT_EQ(only_name(read_stream(
                TlsHello().extension(0x1a1a, {}).extension(51, Bytes(1700, 9)).server_name("x.test").record())),
            "x.test");
  EXPECT_EQ(only_name(read_stream(TlsHello().padding(60000).server_name("x.test").padding(5000).records(16384))),
            "x.test");
  EXPECT_EQ(only_name(read_stream(TlsHello().session(0).server_name("x.test").record())), "x.test");
  EXPECT_EQ(only_name(read_stream(TlsHello().session(200).server_name("x.test").record())), "x.test");
}

TEST(Tls, S10_IsARequestWithoutNamesWhereThereIsNone) {
  for (const Bytes& stream : {TlsHello().padding(4).record(), TlsHello().without_extensions().record(),
                              TlsHello().extension(0, {}).record(), TlsHello().extension(0, {0, 0}).record(),
                              support::tls_record(22, {1, 0, 0, 0}), support::tls_record(22, {1, 0, 0, 3, 3, 3, 1})}) {
    const Reading seen = read_stream(stream);
    ASSERT_EQ(seen.requests.size(), 1U);
    EXPECT_EQ(seen.requests[0].names, Names{});
    EXPECT_EQ(seen.requests[0].protocol, Protocol::tls);
  }
}

TEST(Tls, S9_NotesAnEncryptedClientHelloAndReadsTheOuterName) {
  const Reading seen = read_stream(TlsHello().encrypted_client_hello().server_name("public.test").record());
  EXPECT_EQ(only_name(seen), "public.test");
  EXPECT_TRUE(seen.requests.at(0).ech);
}

TEST(Tls, S9_ReadsTheSecondHelloBehindARetry) {
  const Reading seen = read_stream(records_joined({TlsHello().server_name("a.test").encrypted_client_hello().record(),
                                                   support::tls_record(support::kTlsChangeCipherSpec, {1}),
                                                   TlsHello().server_name("b.test").records(30)}));
  ASSERT_EQ(seen.requests.size(), 2U);
  EXPECT_EQ(seen.requests[1].names, Names{"b.test"});
  EXPECT_FALSE(seen.requests[1].ech);
}

TEST(Tls, S9_ReadsTheSecondHelloBehindRefusedEarlyData) {
  const Bytes early = support::tls_record(support::kTlsApplicationData, Bytes(4000, 0x17));
  const Reading seen = read_stream(records_joined({TlsHello().server_name("a.test").early_data().record(), early, early,
                                                   TlsHello().server_name("b.test").record()}));
  ASSERT_EQ(seen.requests.size(), 2U);
  EXPECT_EQ(seen.requests[1].names, Names{"b.test"});
  Bytes accepted = TlsHello().server_name("a.test").early_data().record();
  for (int i = 0; i < 20; ++i) support::append(accepted, early);
  EXPECT_EQ(read_stream(accepted).outcome, ExtractOutcome::opaque);
}

TEST(Tls, SaysHowMuchEarlyDataIsAhead) {
  StreamParser parser;
  RequestText text;
  const Bytes hello = TlsHello().server_name("a.test").early_data().record();
  ASSERT_EQ(parser.feed(hello, text, test_context()).outcome, ExtractOutcome::request);
  EXPECT_EQ(parser.body_bytes_ahead(), 0U);
  ASSERT_EQ(parser.feed(Bytes{23, 3, 3, 0x10, 0, 1, 2}, text, test_context()).outcome, ExtractOutcome::need_more);
  EXPECT_EQ(parser.body_bytes_ahead(), 0x1000U - 2);
}

TEST(Tls, IsOpaqueFromTheFirstProtectedRecordOn) {
  const Reading seen =
      read_stream(records_joined({TlsHello().server_name("a.test").record(), support::tls_record(23, Bytes(100, 7))}));
  EXPECT_EQ(seen.requests.size(), 1U);
  EXPECT_EQ(seen.outcome, ExtractOutcome::opaque);
  // TLS 1.2: key exchange, cipher spec, an encrypted Finished that looks like an endless hello.
  const Reading older = read_stream(records_joined(
      {TlsHello().server_name("a.test").record(), support::tls_record(22, records_joined({{16, 0, 0, 9}, Bytes(9, 1)})),
       support::tls_record(20, {1}), support::tls_record(22, records_joined({{1, 0xff, 0xff}, Bytes(37, 9)}))}));
  EXPECT_EQ(older.requests.size(), 1U);
  EXPECT_EQ(older.outcome, ExtractOutcome::opaque);
}

TEST(Tls, IsIdleBehindAHelloThatIsWhole) {
  StreamParser parser;
  RequestText text;
  const Bytes hello = TlsHello().server_name("a.test").record();
  ASSERT_EQ(parser.feed(hello, text, test_context()).outcome, ExtractOutcome::request);
  EXPECT_EQ(parser.feed(Bytes{20, 3, 3, 0, 1, 1}, text, test_context()).outcome, ExtractOutcome::idle);
}

TEST(Tls, S8_CountsAHelloOverItsCap) {
  const auto claims = [](std::size_t length) {
    Bytes start{1};
    support::append_be24(start, length);
    support::append(start, Bytes(100, 3));
    return read_stream(support::tls_record(22, start));
  };
  EXPECT_EQ(claims(kMaxHello).outcome, ExtractOutcome::need_more);
  EXPECT_EQ(claims(kMaxHello + 1).outcome, ExtractOutcome::uninspected);
  EXPECT_EQ(claims(kMaxHello + 1).reason, UninspectedReason::hello_cap);
}

TEST(Tls, S15_LeavesAnSslVersionTwoHelloAlone) {
  const Reading seen = read_stream(Bytes{0x80, 0x2e, 1, 3, 1, 0, 0x15, 0, 0, 0, 0x10, 7, 0, 0xc0});
  EXPECT_EQ(seen.requests.size(), 0U);
  EXPECT_EQ(seen.outcome, ExtractOutcome::opaque);
}

}  // namespace
}  // namespace parapet::packet
