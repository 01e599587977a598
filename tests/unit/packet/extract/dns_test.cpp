// SPDX-License-Identifier: Apache-2.0
// Questions of DNS messages, as resolvers and those who hide from filters write them (D1-D3, D5-D8).
#include <gtest/gtest.h>

#include <memory>
#include <random>

#include "message_builder.h"
#include "packet/extract/extract.h"

namespace parapet::packet {
namespace {

using support::append;
using support::Bytes;
using support::dns_message;
using support::dns_query;
using support::dns_question;

struct Read {
  DnsOutcome outcome;
  std::vector<Bytes> names;
  std::vector<std::uint16_t> types;
};
Read read(const Bytes& message) {
  const std::unique_ptr<std::uint8_t[]> exact(new std::uint8_t[message.size()]);
  std::copy(message.begin(), message.end(), exact.get());
  DnsQuestions questions;
  Read out{read_dns_questions({exact.get(), message.size()}, questions), {}, {}};
  for (std::size_t i = 0; i < questions.count; ++i) {
    const ByteView name = questions.questions[i].view();
    out.names.emplace_back(name.begin(), name.end());
    out.types.push_back(questions.questions[i].type);
  }
  return out;
}
Bytes wire(std::string_view dotted) {
  Bytes name = support::dns_name(dotted);
  name.pop_back();
  return name;
}

TEST(Dns, D1_D7_ReadsNameAndTypeAndKeepsTheCase) {
  const Read seen = read(dns_query("wWw.eXample.TEST", 65));
  EXPECT_EQ(seen.outcome, DnsOutcome::query);
  ASSERT_EQ(seen.names.size(), 1U);
  EXPECT_EQ(seen.names[0], wire("wWw.eXample.TEST"));
  EXPECT_EQ(seen.types[0], 65);
}

TEST(Dns, D3_ReadsAllQuestionsUpToFourAndTheFirstFourOfMore) {
  Bytes rest;
  for (const char* name : {"a.test", "b.test", "c.test", "d.test", "e.test"}) append(rest, dns_question(name));
  for (std::uint16_t count = 1; count <= 5; ++count) {
    const Read seen = read(dns_message(0x0100, count, rest));
    EXPECT_EQ(seen.outcome, DnsOutcome::query);
    EXPECT_EQ(seen.names.size(), std::min<std::size_t>(count, 4));
  }
  EXPECT_EQ(read(dns_message(0x0100, 4, rest)).names[3], wire("d.test"));
}

TEST(Dns, D5_IgnoresFlagsAndRecordsBehindTheQuestions) {
  for (const std::uint16_t flags :
       std::initializer_list<std::uint16_t>{0x0000, 0x0100, 0x0120, 0x0110, 0x0140, 0x07ff}) {
    EXPECT_EQ(read(dns_message(flags, 1, dns_question("a.test"))).outcome, DnsOutcome::query) << flags;
  }
  Bytes with_edns = dns_query("a.test");
  append(with_edns, Bytes{0, 0, 41, 4, 0xd0, 0, 0, 0x80, 0, 0, 4, 0, 10, 0, 0});
  EXPECT_EQ(read(with_edns).names, std::vector<Bytes>{wire("a.test")});
}

TEST(Dns, D3_D5_SaysNotQueryOfResponsesOtherOpcodesAndNoQuestion) {
  for (const std::uint16_t flags : std::initializer_list<std::uint16_t>{0x8180, 0x0800, 0x2000, 0x2800, 0x7800}) {
    EXPECT_EQ(read(dns_message(flags, 1, dns_question("a.test"))).outcome, DnsOutcome::not_query) << flags;
  }
  EXPECT_EQ(read(dns_message(0x0100, 0, {})).outcome, DnsOutcome::not_query);
}

TEST(Dns, D6_KeepsLabelsApartWhateverTheyHold) {
  const Bytes dotted{3, 'a', '.', 'b', 0, 0, 1, 0, 1}, zero{3, 'a', 0, 'b', 0, 0, 1, 0, 1};
  EXPECT_EQ(read(dns_message(0, 1, dotted)).names.at(0), (Bytes{3, 'a', '.', 'b'}));
  EXPECT_EQ(read(dns_message(0, 1, zero)).names.at(0), (Bytes{3, 'a', 0, 'b'}));
}

TEST(Dns, D6_ReadsTheRootAndNamesUpTo255Bytes) {
  EXPECT_EQ(read(dns_query("")).names.at(0), Bytes{});
  const std::string label(63, 'l');
  const std::string most = label + "." + label + "." + label + "." + std::string(61, 'l');
  EXPECT_EQ(read(dns_query(most)).names.at(0).size(), 254U);
  EXPECT_EQ(read(dns_query(most + "l")).outcome, DnsOutcome::malformed);
}

TEST(Dns, D2_FollowsPointersBackwards) {
  Bytes rest = dns_question("www.example.test");  // at 12; "example" at 16
  append(rest, Bytes{4, 'm', 'a', 'i', 'l', 0xc0, 16, 0, 1, 0, 1});
  const Read seen = read(dns_message(0, 2, rest));
  EXPECT_EQ(seen.outcome, DnsOutcome::query);
  ASSERT_EQ(seen.names.size(), 2U);
  EXPECT_EQ(seen.names[1], wire("mail.example.test"));
}

TEST(Dns, D2_FollowsSixteenPointersAndNoMore) {
  // A question whose name is a chain of pointers, each two bytes before the one that leads to it, hidden in the label
  // bytes of an earlier question.
  const auto chain = [](unsigned pointers) {
    Bytes rest{static_cast<std::uint8_t>(1 + 2 * (pointers - 1)), 0};  // at 12; a zero at 13, then pointers
    for (unsigned i = 0; i + 1 < pointers; ++i) {
      append(rest, Bytes{0xc0, static_cast<std::uint8_t>(i == 0 ? 13 : 12 + 2 * i)});
    }
    append(rest, Bytes{0, 0, 1, 0, 1});
    append(rest, Bytes{0xc0, static_cast<std::uint8_t>(12 + 2 * (pointers - 1)), 0, 1, 0, 1});
    return read(dns_message(0, 2, rest));
  };
  EXPECT_EQ(chain(16).outcome, DnsOutcome::query);
  EXPECT_EQ(chain(16).names.size(), 2U);
  EXPECT_EQ(chain(17).outcome, DnsOutcome::malformed);
  EXPECT_EQ(chain(17).names.size(), 1U);
}

TEST(Dns, D2_RefusesPointersThatLoopOrLeadForwardsOrOut) {
  for (const Bytes& name :
       {Bytes{0xc0, 12}, Bytes{0xc0, 13}, Bytes{1, 'a', 0xc0, 12}, Bytes{1, 'a', 0xc0, 14}, Bytes{0xc0, 18, 0, 0, 0},
        Bytes{0xc0, 0}, Bytes{0xff, 0xff}, Bytes{0xc0}, Bytes{0x40, 1}, Bytes{0x80, 1}}) {
    Bytes rest = name;
    append(rest, Bytes{0, 1, 0, 1});
    EXPECT_EQ(read(dns_message(0, 1, rest)).outcome, DnsOutcome::malformed);
  }
}

// BIND and dnsmasq answer such a query: a zero of the header ends the name.
TEST(Dns, D2_FollowsAPointerIntoTheHeader) {
  for (const std::uint8_t zero : Bytes{4, 6, 7, 8, 11}) {
    Bytes rest = wire("www.example.test");
    append(rest, Bytes{0xc0, zero, 0, 1, 0, 1});
    EXPECT_EQ(read(dns_message(0x0100, 1, rest)).names, std::vector<Bytes>{wire("www.example.test")}) << int{zero};
  }
}

TEST(Dns, RefusesMessagesThatEndTooSoon) {
  const Bytes whole = dns_query("www.example.test");
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_EQ(read({whole.begin(), whole.begin() + static_cast<long>(length)}).outcome, DnsOutcome::malformed);
  }
  EXPECT_EQ(read(dns_message(0, 2, dns_question("a.test"))).outcome, DnsOutcome::malformed);
}

DnsOutcome outcome_at(std::uint16_t port, const Bytes& message) {
  DnsQuestions questions;
  const DnsOutcome outcome = read_datagram_questions(message, port, questions);
  EXPECT_EQ(questions.count > 0, outcome == DnsOutcome::query);
  return outcome;
}

TEST(Dns, D8_IsReadOnEveryPortButThoseOfMulticast) {
  const Bytes query = dns_query("www.example.test");
  for (const std::uint16_t port : std::initializer_list<std::uint16_t>{1, 52, 54, 443, 853, 5354, 40000, 65535}) {
    EXPECT_EQ(outcome_at(port, query), DnsOutcome::query) << port;
  }
  EXPECT_EQ(outcome_at(5353, query), DnsOutcome::not_query);
  EXPECT_EQ(outcome_at(5355, query), DnsOutcome::not_query);
}

// What servers answer all the same: records where none should be, bytes behind the message.
TEST(Dns, D8_IsReadOnAnotherPortWhateverStandsBehindTheQuestions) {
  Bytes query = dns_query("www.example.test");
  query[7] = 1;
  append(query, Bytes{0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 1, 2, 3, 4});
  EXPECT_EQ(outcome_at(5300, query), DnsOutcome::query);
  append(query, std::string_view("junk"));
  EXPECT_EQ(outcome_at(5300, query), DnsOutcome::query);
}

TEST(Dns, D8_OtherDatagramsAreNotTakenForQueriesExceptAtPort53) {
  Bytes other_class = dns_query("www.example.test"), five = dns_query("www.example.test");
  other_class.back() = 3;
  five[5] = 5;
  Bytes cut = dns_query("www.example.test");
  cut.pop_back();
  for (const Bytes& message : {other_class, five, cut, Bytes{}, Bytes(11, 0), Bytes(200, 0)}) {
    EXPECT_EQ(outcome_at(5300, message), DnsOutcome::not_query);
  }
  EXPECT_EQ(outcome_at(53, other_class), DnsOutcome::query);
  std::mt19937 random(17);
  for (int round = 0; round < 200000; ++round) {
    Bytes noise(random() % 100);
    for (std::uint8_t& byte : noise) byte = static_cast<std::uint8_t>(random());
    ASSERT_EQ(outcome_at(40000, noise), DnsOutcome::not_query);
  }
}

TEST(Dns, GivesRandomBytesANamedOutcome) {
  std::mt19937 random(3);
  Bytes seed = dns_query("www.example.test");
  append(seed, dns_question("b.test"));
  std::size_t outcomes[3] = {};
  for (int round = 0; round < 60000; ++round) {
    Bytes message = seed;
    for (std::size_t flips = random() % 5; flips > 0; --flips) {
      message[random() % message.size()] = static_cast<std::uint8_t>(random() % 3 == 0 ? 0xc0 : random());
    }
    message.resize(random() % 4 == 0 ? random() % (message.size() + 1) : message.size());
    const Read seen = read(message);
    ++outcomes[static_cast<std::size_t>(seen.outcome)];
    for (const Bytes& name : seen.names) {
      std::size_t at = 0;
      while (at < name.size()) at += std::size_t{name[at]} + 1;
      ASSERT_EQ(at, name.size());
    }
  }
  EXPECT_GT(outcomes[0], 1000U);
  EXPECT_GT(outcomes[1], 1000U);
  EXPECT_GT(outcomes[2], 1000U);
}

}  // namespace
}  // namespace parapet::packet
