// SPDX-License-Identifier: Apache-2.0
// Policy zones: which rules become entries, which are counted as unenforceable, which refuse the list. Never wider than
// the zone says.
#include <gtest/gtest.h>
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <random>

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

// So BIND 9.18 and Unbound 1.17 answer, too.
TEST(ReadRpz, AWildcardEndsWhereTheZoneHasANameOfItsOwn) {
  const std::string domain = "a.example.test CNAME .\n*.a.example.test CNAME .\n";
  expect(domain + "b.a.example.test CNAME .\n", {"host:a.example.test", "host:b.a.example.test"}, 1);
  expect(domain + "*.b.a.example.test CNAME .\n", {"host:a.example.test"}, 2);
  expect(domain + "b.a.example.test CNAME .\n*.b.a.example.test CNAME .\n",
         {"domain:a.example.test", "domain:b.a.example.test"}, 0);
  expect(domain + "c.b.a.example.test CNAME .\n*.c.b.a.example.test CNAME .\n",
         {"host:a.example.test", "domain:c.b.a.example.test"}, 1);
  expect(domain + "b.a.example.test NSEC x. CNAME\n", {"host:a.example.test"}, 1);
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
  expect_refused("24.0.2.0.192.rpz-client-ip CNAME rpz-tcp-only.\n", "line 4: an exception for clients");
  expect_refused("24.0.2.0.192.rpz-client-ip CNAME 24.0.2.0.192.\n", "line 4: an exception for clients");
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
      "a.example.test NSEC b.example.test CNAME\n@ DNSKEY 257 3 13 AAAA\n@ TXT \"about\"\n* NSEC a.test. NSEC\n",
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

// A rule at random for some of the names of one and two letters above "x.test".
struct RandomZone {
  std::string text;
  std::map<std::string, bool> rules;  // by trigger, with "*." before it or not: whether it stops
};

RandomZone make_zone(std::minstd_rand& random, const std::vector<std::string>& names) {
  RandomZone zone;
  for (const auto& name : names) {
    for (const std::string star : {"", "*."}) {
      if (random() % 3 != 0) continue;
      const bool stops = random() % 4 != 0;
      zone.rules[star + name] = stops;
      zone.text += star + name + (stops ? " CNAME .\n" : " CNAME rpz-passthru.\n");
    }
  }
  return zone;
}

// Whether a zone with these rules has the name, be it only for what is below it.
bool has_node(const RandomZone& zone, const std::string& name) {
  return std::ranges::any_of(zone.rules,
                             [&](const auto& rule) { return rule.first == name || rule.first.ends_with("." + name); });
}

// As resolvers do it: the name's own rule, else the wildcard of the nearest name that the zone has.  RFC 4592 §3.3.1
bool does_zone_stop(const RandomZone& zone, const std::string& name) {
  if (has_node(zone, name)) {
    const auto own = zone.rules.find(name);
    return own != zone.rules.end() && own->second;
  }
  for (auto dot = name.find('.'); dot != std::string::npos; dot = name.find('.', dot + 1)) {
    if (!has_node(zone, name.substr(dot + 1))) continue;
    const auto wildcard = zone.rules.find("*" + name.substr(dot));
    return wildcard != zone.rules.end() && wildcard->second;
  }
  return false;
}

bool do_entries_stop(const Entries& entries, const std::string& name) {
  return std::ranges::any_of(entries, [&](const std::string& entry) {
    const std::string listed = entry.substr(entry.find(':') + 1);
    return name == listed || (entry.starts_with("domain:") && name.ends_with("." + listed));
  });
}

TEST(ReadRpz, NothingIsStoppedThatTheZoneDoesNotStop) {
  std::vector<std::string> names{"x.test"};
  for (std::size_t at = 0; at < 7; ++at) {
    for (const char* letter : {"a.", "b."}) names.push_back(letter + names[at]);
  }
  std::minstd_rand random{7};
  std::size_t stopped = 0, domains = 0;
  for (int round = 0; round < 2000; ++round) {
    const auto zone = make_zone(random, {names.begin(), names.begin() + 7});
    const auto back = read_rules(zone.text);
    ASSERT_EQ(back.error, "") << zone.text;
    domains += std::ranges::count_if(back.entries, [](const auto& each) { return each.starts_with("domain:"); });
    for (const auto& name : names) {
      const bool by_zone = does_zone_stop(zone, name), by_entries = do_entries_stop(back.entries, name);
      ASSERT_TRUE(by_zone || !by_entries) << name << " in\n" << zone.text;
      const auto own = zone.rules.find(name);
      const bool is_named = own != zone.rules.end() && own->second;
      ASSERT_TRUE(by_entries || !is_named) << name << " in\n" << zone.text;
      stopped += by_entries ? 1 : 0;
    }
  }
  EXPECT_GT(stopped, 1000u);
  EXPECT_GT(domains, 100u);
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
