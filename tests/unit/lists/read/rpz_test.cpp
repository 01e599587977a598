// SPDX-License-Identifier: Apache-2.0
// Policy zones: which rules become entries, which are counted as unenforceable, which refuse the list. Never wider than
// the zone says.
#include <gtest/gtest.h>
#include <cstdlib>
#include <fstream>

#include "read_back.h"

namespace parapet::lists {
namespace {

using support::read_back;
using Entries = std::vector<std::string>;

constexpr std::string_view kHead =
    "$TTL 60\n@ SOA ns.example.test. admin.example.test. 1 60 60 3600 60\n NS ns.example.test.\n";

support::ReadBack read_zone(std::string_view text, std::string zone = "") {
  config::SourceOptions source;
  source.format = config::FeedFormat::rpz;
  source.zone = std::move(zone);
  return read_back(text, source);
}
support::ReadBack read_rules(std::string_view rules) { return read_zone(std::string(kHead) + std::string(rules)); }

void expect(std::string_view rules, const Entries& entries, std::uint64_t unenforceable) {
  const auto back = read_rules(rules);
  EXPECT_EQ(back.error, "") << rules;
  EXPECT_EQ(back.entries, entries) << rules;
  EXPECT_EQ(back.unenforceable, unenforceable) << rules;
}

void expect_refused(std::string_view rules, std::string_view reason) {
  const auto back = read_rules(rules);
  EXPECT_NE(back.error.find(reason), std::string::npos) << rules << ": " << back.error;
  EXPECT_EQ(back.error.find("secret"), std::string::npos) << back.error;
}

TEST(ReadRpz, EveryActionThatKeepsTheTrueAnswerBackStops) {
  expect(
      "a.example.test CNAME .\nb.example.test CNAME *.\nc.example.test CNAME rpz-drop.\n"
      "d.example.test CNAME stop.example.test.\ne.example.test A 192.0.2.1\ne.example.test A 192.0.2.2\n"
      "f.example.test TXT \"why; not ( this\"\ng.example.test TYPE65 \\# 1 00\nh.example.test CNAME *.stop.test.\n",
      {"host:a.example.test", "host:b.example.test", "host:c.example.test", "host:d.example.test",
       "host:e.example.test", "host:f.example.test", "host:g.example.test", "host:h.example.test"},
      0);
}

TEST(ReadRpz, ANameAndItsWildcardAreADomain) {
  expect("a.example.test CNAME .\n*.a.example.test CNAME .\n", {"domain:a.example.test"}, 0);
  expect("*.a.example.test CNAME .\na.example.test A 192.0.2.1\n", {"domain:a.example.test"}, 0);
}

TEST(ReadRpz, AWildcardAloneIsNotWidenedToItsName) { expect("*.a.example.test CNAME .\n", {}, 1); }

TEST(ReadRpz, AnExceptionBelowKeepsADomainToItsName) {
  const std::string domain = "a.example.test CNAME .\n*.a.example.test CNAME .\n";
  for (const char* pass : {"w.a.example.test CNAME rpz-passthru.\n", "*.w.a.example.test CNAME rpz-passthru.\n",
                           "w.a.example.test CNAME w.a.example.test.\n", "x.w.a.example.test CNAME RPZ-PassThru.\n"}) {
    expect(domain + pass, {"host:a.example.test"}, 1);
    expect(pass + domain, {"host:a.example.test"}, 1);
  }
  expect(domain + "w.a.example.test CNAME rpz-tcp-only.\n", {"host:a.example.test"}, 2);
  expect(domain + "w.b.example.test CNAME rpz-passthru.\nexample.test CNAME rpz-passthru.\n", {"domain:a.example.test"},
         0);
  expect("a.example.test CNAME .\n*.a.example.test CNAME rpz-passthru.\n", {"host:a.example.test"}, 0);
}

TEST(ReadRpz, TcpOnlyStopsNothing) { expect("a.example.test CNAME rpz-tcp-only.\n", {}, 1); }

TEST(ReadRpz, TriggersThatAreNoQuestionAreCounted) {
  expect(
      "32.1.2.0.192.rpz-ip CNAME .\n32.1.2.0.192.rpz-nsip CNAME .\nns.bad.test.rpz-nsdname CNAME .\n"
      "24.0.2.0.192.rpz-client-ip CNAME .\n8.0.0.0.10.rpz-ip CNAME rpz-passthru.\n"
      "9.0.0.0.10.rpz-ip A 192.0.2.1\n9.0.0.0.10.rpz-ip A 192.0.2.2\na.example.test CNAME .\n",
      {"host:a.example.test"}, 6);
}

TEST(ReadRpz, AnExceptionForClientsIsRefused) {
  expect_refused("24.0.2.0.192.rpz-client-ip CNAME rpz-passthru.\n", "line 4: an exception for clients");
}

TEST(ReadRpz, WhatIsNoPolicyIsRefusedByItsLine) {
  expect_refused("secret.test CNAME rpz-passthru\n", "line 4: an action without its closing dot");
  expect_refused("secret.test CNAME *\n", "line 4: an action without its closing dot");
  expect_refused("secret.test CNAME secret.test\n", "line 4: an action without its closing dot");
  expect_refused("secret.test CNAME rpz-other.\n", "line 4: an action that is none");
  expect_refused("secret.test.rpz-other CNAME .\n", "line 4: a trigger of no known sort");
  expect_refused("* CNAME .\n", "line 4: a rule for every name");
  expect_refused("@ CNAME .\n", "line 4: a CNAME of the zone itself");
  expect_refused("secret.test NS ns.example.test.\n", "line 4: a SOA or NS below");
  expect_refused("secret.test DNAME .\n", "line 4: a DNAME");
  expect_refused("secret.test. CNAME .\n", "line 4: a name outside the zone");
  expect_refused("secret.test CNAME .\nsecret.test CNAME rpz-passthru.\n", "line 5: another action");
  expect_refused("secret CNAME .\n", "line 4: a name of one label");
  expect_refused("192.0.2.1 CNAME .\n", "line 4: an IP address");
  expect_refused("se\\.cret.test CNAME .\n", "line 4: a name that no host has");
  expect_refused("secret\\0470.test CNAME .\n", "line 4: a name that no host has");
  expect_refused("secret.test\\05880 CNAME .\n", "line 4: a name that no host has");
  expect_refused("secret.*.test CNAME .\n", "line 4: a name that no host has");
}

TEST(ReadRpz, SignaturesOfTheZoneSayNothing) {
  expect(
      "a.example.test CNAME .\na.example.test RRSIG CNAME 13 3 60 ( 20300101000000 20200101000000 1 x. AAAA )\n"
      "a.example.test NSEC b.example.test CNAME\n@ DNSKEY 257 3 13 AAAA\n@ TXT \"about\"\n",
      {"host:a.example.test"}, 0);
}

TEST(ReadRpz, NamesAreReadAsAZoneFileMeansThem) {
  const auto back = read_zone(
      "; a comment\n$ORIGIN rpz.example.test.\n@ 1h IN SOA ns admin (\n  1 ; serial\n  60 60 3600 60 )\n"
      "\t\tNS ns\nA.Example.TEST IN 60 CNAME .\n60b.example.test.rpz.example.test. 60 IN CNAME .\r\n"
      "$ORIGIN example.test.rpz.example.test.\nc CNAME ( . )\n  ; nothing\n*.c CNAME .\n\n\\100.e TYPE5 .\n"
      "$ORIGIN rpz.example.test.\nrpz.example.test. 60 IN SOA ns admin 1 60 60 3600 60\n");
  EXPECT_EQ(back.error, "");
  EXPECT_EQ(back.entries, (Entries{"host:a.example.test", "host:60b.example.test", "domain:c.example.test",
                                   "host:d.e.example.test"}));
}

TEST(ReadRpz, TheZoneIsWhatItsSourceSays) {
  const std::string absolute =
      "rpz.test.\t60\tIN\tSOA\tns.test. a.test. 1 2 3 4 5\na.example.test.rpz.test.\t60\tIN\tCNAME\t.\n";
  EXPECT_EQ(read_zone(absolute, "rpz.test").entries, (Entries{"host:a.example.test"}));
  EXPECT_EQ(read_zone(absolute).entries, (Entries{"host:a.example.test"}));
  EXPECT_EQ(read_zone(absolute, "other.test").error, "its SOA is of another zone than other.test");
  EXPECT_EQ(
      read_zone(std::string(kHead) + "a.example.test CNAME .\nb.example.test.rpz.test. CNAME .\n", "rpz.test").entries,
      (Entries{"host:a.example.test", "host:b.example.test"}));
}

TEST(ReadRpz, WhatIsNoZoneIsRefused) {
  EXPECT_EQ(read_zone("").error, "it has no SOA, so it is no zone");
  EXPECT_EQ(read_zone("a.example.test CNAME .\n").error, "its first record is no SOA");
  EXPECT_EQ(read_zone("<!DOCTYPE html>\n<html>\n").error.substr(0, 27), "2 lines cannot be read: lin");
  expect_refused("$INCLUDE /etc/passwd\n", "line 4: a directive other than");
  expect_refused("$GENERATE 1-9 secret$.test CNAME .\n", "line 4: a directive other than");
  expect_refused("secret.test CNAME ( .\n", "line 4: a parenthesis that is not closed");
  expect_refused("secret.test CNAME ) .\n", "line 4: parentheses that do not go together");
  expect_refused("secret.test CH CNAME .\n", "line 4: a record of no known type");
  expect_refused("secret.test CNMAE .\n", "line 4: a record of no known type");
  expect_refused("secret.test CNAME . .\n", "line 4: a CNAME with another than one name");
  expect_refused("secret.test TYPE5 \\# 1 00\n", "line 4: a CNAME with another than one name");
  expect_refused("secret.test CNAME\n", "line 4: a record without data");
  expect_refused("secret.test 60 IN 60 CNAME .\n", "line 4: a TTL or class that is said twice");
  expect_refused("secret..test CNAME .\n", "line 4: a name with an empty label");
  expect_refused(std::string(64, 'x') + ".test CNAME .\n", "line 4: a name with a label of more than 63 bytes");
  expect_refused("secret\\9.test CNAME .\n", "line 4: a name with an escape that is none");
  expect_refused("secret.test TXT \"not closed\n", "line 4: a quoted text without its closing quote");
  expect_refused("\"secret.test\" CNAME .\n", "line 4: a name in quotes");
  expect_refused("secret.test CNAME \\\n", "line 4: a backslash at a line's end");
}

// Published zones, which nobody here wrote. Their triggers have one label, so they get two more.
TEST(ReadRpz, PublishedZonesAreRead) {
  const char* shared = std::getenv("PARAPET_SHARED");
  if (shared == nullptr) GTEST_SKIP() << "PARAPET_SHARED is not set";
  const auto read = [&](const char* name, std::initializer_list<std::string_view> triggers) {
    std::ifstream in(std::string(shared) + "/corpora/lists/formats/" + name, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    EXPECT_FALSE(text.empty()) << name;
    EXPECT_NE(read_zone(text).error.find("a name of one label"), std::string::npos) << name;
    for (const auto trigger : triggers) {
      for (auto at = text.find(trigger); at != std::string::npos; at = text.find(trigger, at + trigger.size())) {
        const char before = text[at - 1], after = text[at + trigger.size()];
        const bool is_whole = (before == '\n' || before == '.') && (after == ' ' || after == '\t');
        if (is_whole) text.insert(at + trigger.size(), ".example.test");
      }
    }
    return read_zone(text);
  };
  const auto bind = read("bind9-first-rpz.db", {"baddomain"});
  EXPECT_EQ(bind.error, "");
  EXPECT_EQ(bind.entries, (Entries{"domain:baddomain.example.test"}));
  EXPECT_EQ(bind.unenforceable, 0u);
  const auto knot = read("knot-policy-test.rpz", {"nxdomain", "nodata", "rpzdrop", "rra", "rra-zonename-suffix"});
  EXPECT_EQ(knot.error, "");
  EXPECT_EQ(knot.entries.size(), 8u);
  EXPECT_EQ(knot.entries[0], "domain:nxdomain.example.test");
  EXPECT_EQ(knot.unenforceable, 0u);
}

}  // namespace
}  // namespace parapet::lists
