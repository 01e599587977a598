// SPDX-License-Identifier: Apache-2.0
// DNS over TCP, told from everything else by its first message's header (D4, and D1-D3, D5-D7 over a stream).
#include <gtest/gtest.h>

#include <random>

#include "stream_reading.h"

namespace parapet::packet {
namespace {

using namespace streams;
using support::append;
using support::Bytes;
using support::dns_message;
using support::dns_name;
using support::dns_query;
using support::dns_question;
using Names = std::vector<std::string>;

Bytes messages_joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) append(all, part);
  return all;
}
// With TCP's length before it.
Bytes sent(const Bytes& message) {
  Bytes out;
  support::append_be16(out, message.size());
  append(out, message);
  return out;
}
std::string stream_of(std::string_view dotted) {
  Bytes name = support::dns_name(dotted);
  name.pop_back();
  return support::to_text(name);
}
// A query that padding (RFC 7830) makes `length` bytes long, whose ID is `id`.
Bytes padded_query(std::string_view name, std::size_t length, std::uint16_t id) {
  Bytes message = dns_query(name);
  message[0] = static_cast<std::uint8_t>(id >> 8);
  message[1] = static_cast<std::uint8_t>(id);
  message[11] = 1;
  const std::size_t padding = length - message.size() - 15;
  append(message, Bytes{0, 0, 41, 4, 0xd0, 0, 0, 0, 0});
  support::append_be16(message, padding + 4);
  append(message, Bytes{0, 12});
  support::append_be16(message, padding);
  message.resize(length);
  return message;
}

TEST(DnsStream, ReadsEachMessageOfAConnection) {
  Bytes stream;
  for (int i = 0; i < 40; ++i) append(stream, sent(dns_query("h" + std::to_string(i) + ".Example.test", 65)));
  const Reading seen = read_stream(stream);
  ASSERT_EQ(seen.requests.size(), 40U);
  for (std::size_t i = 0; i < 40; ++i) {
    EXPECT_EQ(seen.requests[i].protocol, Protocol::dns);
    EXPECT_EQ(seen.requests[i].names, Names{stream_of("h" + std::to_string(i) + ".Example.test")});
    EXPECT_EQ(seen.requests[i].target, "");
  }
}

// From there the name runs on over the second question and what follows it.
TEST(DnsStream, FollowsAPointerIntoALabelOverTheEndOfItsQuestions) {
  const Bytes label{2, 'x', 11, 0, 0, 1, 0, 1, 0xc0, 14, 0, 1, 0, 1};
  const Bytes behind = dns_name("listed.example.test");
  const Reading seen = read_stream(
      messages_joined({sent(dns_message(0x0100, 2, messages_joined({label, behind}))), sent(dns_query("y.test"))}));
  ASSERT_EQ(seen.requests.size(), 2U);
  const std::string run_over = support::to_text(ByteView{label}.subspan(2, 12));
  EXPECT_EQ(seen.requests[0].names, (Names{std::string("\2x\13"), run_over + stream_of("listed.example.test")}));
  EXPECT_EQ(seen.requests[1].names, Names{stream_of("y.test")});
}

TEST(DnsStream, CompletesARequestAtTheEndOfItsQuestions) {
  const Bytes message = padded_query("x.test", 60000, 1);
  const Reading seen = read_stream(messages_joined({sent(message), sent(dns_query("y.test"))}));
  ASSERT_EQ(seen.requests.size(), 2U);
  EXPECT_EQ(seen.requests[0].end, 2 + dns_query("x.test").size());
  EXPECT_EQ(seen.requests[1].names, Names{stream_of("y.test")});
}

TEST(DnsStream, SaysHowMuchOfAMessageIsAhead) {
  StreamParser parser;
  RequestText text;
  const Bytes message = sent(padded_query("x.test", 1000, 1));
  const std::size_t questions = 2 + dns_query("x.test").size();
  ASSERT_EQ(parser.feed(message, text, test_context()).outcome, ExtractOutcome::request);
  EXPECT_EQ(parser.body_bytes_ahead(), message.size() - questions);
  EXPECT_FALSE(parser.keeps_text());
  EXPECT_EQ(parser.feed(ByteView{message}.subspan(questions), text, test_context()).outcome, ExtractOutcome::idle);
  EXPECT_EQ(parser.feed(Bytes{0}, text, test_context()).outcome, ExtractOutcome::need_more);
}

TEST(DnsStream, ReadsSeveralQuestionsAndFollowsTheirPointers) {
  Bytes rest = dns_question("www.example.test");
  append(rest, Bytes{4, 'm', 'a', 'i', 'l', 0xc0, 16, 0, 1, 0, 1});
  append(rest, dns_question("c.test"));
  append(rest, dns_question("d.test"));
  append(rest, dns_question("e.test"));
  const Reading seen = read_stream(messages_joined({sent(dns_message(0x0100, 5, rest)), sent(dns_query("y.test"))}));
  ASSERT_EQ(seen.requests.size(), 2U);
  EXPECT_EQ(seen.requests[0].names, (Names{stream_of("www.example.test"), stream_of("mail.example.test"),
                                           stream_of("c.test"), stream_of("d.test")}));
  EXPECT_EQ(seen.requests[1].names, Names{stream_of("y.test")});
}

TEST(DnsStream, FollowsAPointerIntoTheHeader) {
  Bytes rest = support::to_bytes(stream_of("x.test"));
  append(rest, Bytes{0xc0, 4, 0, 1, 0, 1});
  EXPECT_EQ(only_name(read_stream(sent(dns_message(0x0100, 1, rest)))), stream_of("x.test"));
}

TEST(DnsStream, ReadsNamesUpTo255BytesAndTheRoot) {
  const std::string label(63, 'l');
  const std::string most = label + "." + label + "." + label + "." + std::string(61, 'l');
  EXPECT_EQ(only_name(read_stream(sent(dns_query(most)))), stream_of(most));
  EXPECT_EQ(only_name(read_stream(sent(dns_query("")))), "");
  const Reading over = read_stream(messages_joined({sent(dns_query("a.test")), sent(dns_query(most + "l"))}));
  ASSERT_EQ(over.requests.size(), 2U);
  EXPECT_TRUE(over.requests[1].name_lost);
}

// Servers answer what comes behind each of these, so it must be read.
TEST(DnsStream, ReadsOnBehindMessagesThatAServerRefuses) {
  const Bytes good = dns_query("x.test");
  Bytes lying = good, long_section = good, answers = good;
  lying[11] = 9;  // more additional records than there are
  long_section[5] = answers[7] = 9;
  const Bytes pointer_to_itself = dns_message(0x0100, 1, {0xc0, 12, 0, 1, 0, 1});
  const std::vector<Bytes> anywhere{dns_message(0x0100, 0, {}),
                                    dns_message(0x0100, 0, Bytes(30, 7)),
                                    dns_message(0x8180, 1, dns_question("r.test")),
                                    dns_message(0x2000, 1, dns_question("n.test")),
                                    pointer_to_itself,
                                    lying,
                                    Bytes{1, 2, 3, 4, 5},
                                    Bytes(11, 0xff)};
  const std::vector<Bytes> where_dns_is_expected{long_section, answers, dns_message(0x0100, 1, {}), Bytes(12, 0xff)};
  const auto reads_on = [&](const Bytes& first, bool to_dns_port) {
    const Reading seen = read_stream(messages_joined({sent(first), sent(good), sent(first), sent(dns_query("y.test"))}),
                                     {}, test_context(), StreamParser(to_dns_port));
    const auto has_x = [](const Request& request) { return request.names == Names{stream_of("x.test")}; };
    return seen.requests.size() >= 2 && seen.requests.back().names == Names{stream_of("y.test")} &&
           std::any_of(seen.requests.begin(), seen.requests.end(), has_x);
  };
  for (const Bytes& first : anywhere) EXPECT_TRUE(reads_on(first, false) && reads_on(first, true)) << first.size();
  for (const Bytes& first : where_dns_is_expected) EXPECT_TRUE(reads_on(first, true)) << first.size();
}

TEST(DnsStream, HttpAndTlsAreReadEvenWhereDnsIsExpected) {
  const StreamParser expecting(true);
  EXPECT_EQ(only_name(read_stream(support::to_bytes(support::http_get("x.test", "/")), {}, test_context(), expecting)),
            "x.test");
  EXPECT_EQ(only_name(read_stream(support::TlsHello().server_name("x.test").record(), {}, test_context(), expecting)),
            "x.test");
}

TEST(DnsStream, IsSeenBehindRecordsThatNoQueryNeeds) {
  Bytes message = dns_query("x.test");
  message[6] = 300 >> 8;
  message[7] = 300 & 0xff;
  for (int i = 0; i < 300; ++i) append(message, Bytes{0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 1, 2, 3, 4});
  EXPECT_EQ(only_name(read_stream(sent(message))), stream_of("x.test"));
}

// The length and the ID are the client's to choose.
TEST(DnsStream, IsSeenUnderEveryLengthAndIdentifierThatLooksLikeAnotherProtocol) {
  const std::pair<const char*, const char*> looks[] = {{"GE", "T "},     {"GE", "T/"}, {"PO", "ST"}, {"G ", "/ "},
                                                       {"\r\n", "\r\n"}, {"PR", "I "}, {"CO", "NN"}, {"* ", "/\n"}};
  for (const auto& [length, id] : looks) {
    const Bytes message = padded_query("x.test", load_be16(reinterpret_cast<const std::uint8_t*>(length)),
                                       load_be16(reinterpret_cast<const std::uint8_t*>(id)));
    const Reading seen = read_stream(messages_joined({sent(message), sent(dns_query("y.test"))}));
    ASSERT_GE(seen.requests.size(), 2U) << length << id;
    EXPECT_EQ(seen.requests[seen.requests.size() - 2].names, Names{stream_of("x.test")}) << length << id;
    EXPECT_EQ(seen.requests.back().names, Names{stream_of("y.test")});
  }
  for (const std::uint16_t length : std::initializer_list<std::uint16_t>{0x1603, 0x1503, 0x16ff, 0x1500}) {
    for (const std::uint16_t id : std::initializer_list<std::uint16_t>{0x0100, 0x0302, 0x0101, 0xffff}) {
      EXPECT_EQ(only_name(read_stream(sent(padded_query("x.test", length, id)))), stream_of("x.test")) << length;
    }
  }
}

TEST(DnsStream, NoTlsHelloIsTakenForOneWhateverItsRecords) {
  const support::TlsHello hello = support::TlsHello().padding(700).server_name("x.test");
  const Bytes alert = support::tls_record(support::kTlsAlert, {1, 0}), empty = support::tls_record(22, {});
  for (std::size_t length = 1; length < 300; ++length) {
    for (const Bytes& before :
         {Bytes{}, alert, empty, messages_joined({empty, empty}), messages_joined({alert, empty})}) {
      const Reading seen = read_stream(messages_joined({before, hello.records(length)}));
      ASSERT_EQ(only_name(seen), "x.test") << length;
      ASSERT_EQ(seen.requests[0].protocol, Protocol::tls);
    }
  }
  for (const std::size_t size : {0U, 100U, 250U, 256U, 500U, 512U, 1000U, 60000U}) {
    const Reading seen = read_stream(support::TlsHello().padding(size).server_name("x.test").records(16384));
    EXPECT_EQ(only_name(seen), "x.test") << size;
  }
}

TEST(DnsStream, OtherStreamsAreGivenUpAtTheirFourteenthByteAtTheLatest) {
  std::mt19937 random(21);
  std::size_t taken = 0;
  constexpr int kRounds = 100000;
  for (int round = 0; round < kRounds; ++round) {
    Bytes noise(40);
    for (std::uint8_t& byte : noise) byte = static_cast<std::uint8_t>(random());
    noise[0] |= 0xc0;  // neither TLS nor a method
    const Reading seen = read_stream(noise);
    if (seen.outcome == ExtractOutcome::opaque) {
      ASSERT_LE(seen.consumed, 14U);
    } else {
      ++taken;
    }
  }
  EXPECT_LT(taken, kRounds / 500U);
}

TEST(DnsStream, CountsABrokenMessageOnlyWhereTheStreamIsCertainlyDns) {
  const Bytes broken = dns_message(0x0100, 1, {0xc0, 12, 0, 1, 0, 1});
  EXPECT_EQ(read_stream(sent(broken)).requests.size(), 0U);
  const Reading behind = read_stream(messages_joined({sent(dns_query("x.test")), sent(broken)}));
  ASSERT_EQ(behind.requests.size(), 2U);
  EXPECT_TRUE(behind.requests[1].name_lost);
}

TEST(DnsStream, IsReadInsideATunnel) {
  const Reading seen = read_stream(
      messages_joined({support::to_bytes("CONNECT p.test:53 HTTP/1.1\r\n\r\n"), sent(dns_query("x.test"))}));
  ASSERT_EQ(seen.requests.size(), 2U);
  EXPECT_EQ(seen.requests[1].protocol, Protocol::dns);
}

TEST(DnsStream, PostgresAsksForTlsAndIsNoDns) {
  const Bytes request{0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f};
  EXPECT_EQ(read_stream(request).outcome, ExtractOutcome::opaque);
}

}  // namespace
}  // namespace parapet::packet
