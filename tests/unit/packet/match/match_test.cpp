// SPDX-License-Identifier: Apache-2.0
// What an entry stops and what it leaves alone, on each protocol.
#include "packet/match/match.h"

#include <gtest/gtest.h>

#include <cstring>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "digest/entry.h"
#include "snapshot/builder.h"
#include "tiny_list.h"

namespace parapet::packet {
namespace {

const digest::Key kKey{3, 4};

class MatchTest : public ::testing::Test {
 protected:
  void list(const std::vector<std::pair<canon::EntryKind, std::string>>& entries) {
    digested_.clear();
    for (const auto& [kind, text] : entries) {
      const auto entry = canon::parse_entry(text, {}, &kind);
      ASSERT_TRUE(entry) << text << ": " << entry.error().context;
      digested_.push_back(digest::digest_entry(kKey, *entry, digested_.size() + 1));
    }
    const snapshot::ListInput input{"hotline", snapshot::ListState::enforce, digested_};
    bytes_.emplace(std::move(*snapshot::build_snapshot({&input, 1}, kKey, 1, {.realtime_ns = 1})));
    snapshot_.emplace(*snapshot::Snapshot::open(bytes_->view(), kKey));
  }

  bool tls(const std::vector<std::string>& names) { return ask(Protocol::tls, names, ""); }
  bool http(const std::string& host, const std::string& target) { return ask(Protocol::http, {host}, target); }
  bool ask(Protocol protocol, const std::vector<std::string>& names, const std::string& target) {
    static RequestText text;
    text.clear();
    for (const auto& name : names) {
      auto& to = text.names[text.name_count++];
      to.length = static_cast<std::uint8_t>(name.size());
      std::memcpy(to.bytes.data(), name.data(), name.size());
    }
    text.target_length = static_cast<std::uint16_t>(target.size());
    std::memcpy(text.target.data(), target.data(), target.size());
    matcher_.match_request({*snapshot_, occasion_}, protocol, text, server_port_, match_);
    return match_.any();
  }
  bool dns(std::string_view labels) {
    matcher_.match_question({*snapshot_, occasion_}, bytes_of(labels), match_);
    return match_.any();
  }

  std::vector<digest::DigestedEntry> digested_;
  std::optional<snapshot::SnapshotBytes> bytes_;
  std::optional<snapshot::Snapshot> snapshot_;
  std::uint16_t server_port_ = 80;
  snapshot::Occasion occasion_ = support::kAnyOccasion;
  Matcher matcher_{kKey};
  Match match_;
};

TEST_F(MatchTest, AHostEntryIsThisNameOnly) {
  list({{canon::EntryKind::host, "listed.example.test"}});
  EXPECT_TRUE(tls({"listed.example.test"}));
  EXPECT_TRUE(tls({"LISTED.Example.test."}));
  EXPECT_TRUE(http("listed.example.test:8080", "/any"));
  EXPECT_TRUE(
      dns("\x06"
          "LISTED\x07"
          "example\x04test"));
  EXPECT_FALSE(tls({"sub.listed.example.test"}));
  EXPECT_FALSE(tls({"example.test"}));
  EXPECT_FALSE(tls({"notlisted.example.test"}));
  EXPECT_FALSE(tls({"listed.example.test.example"}));
  EXPECT_FALSE(
      dns("\x03sub\x06listed\x07"
          "example\x04test"));
}

TEST_F(MatchTest, ADomainEntryIsTheNameAndAllBelow) {
  list({{canon::EntryKind::domain, "listed.example.test"}});
  EXPECT_TRUE(tls({"listed.example.test"}));
  EXPECT_TRUE(tls({"a.b.listed.example.test"}));
  EXPECT_TRUE(
      dns("\x01"
          "a\x06listed\x07"
          "example\x04test"));
  EXPECT_FALSE(tls({"notlisted.example.test"}));
  EXPECT_FALSE(tls({"example.test"}));
}

TEST_F(MatchTest, ADomainEntryHoldsNamesBelowItThatAreNoHosts) {
  list({{canon::EntryKind::domain, "forest.example.test"}, {canon::EntryKind::host, "listed.example.test"}});
  const std::string odd_labels[] = {"a%b", std::string("a\0b", 3), "a\xffz", "[", std::string(64, 'x'), "a..b"};
  for (const std::string& odd : odd_labels) {
    EXPECT_TRUE(tls({odd + ".forest.example.test"})) << testing::PrintToString(odd);
    EXPECT_TRUE(http("deep." + odd + ".deep.forest.example.test:8080", "/")) << testing::PrintToString(odd);
    EXPECT_FALSE(match_.name_unusable) << "it was stopped by what it is below";
    EXPECT_FALSE(tls({odd + "forest.example.test"})) << testing::PrintToString(odd);
    EXPECT_FALSE(tls({odd + ".listed.example.test"}))
        << "a host entry is this name only: " << testing::PrintToString(odd);
    EXPECT_FALSE(tls({"forest." + odd + ".example.test"})) << testing::PrintToString(odd);
    EXPECT_TRUE(match_.name_unusable);
  }
  EXPECT_TRUE(dns(std::string("\3a\0b\6forest\7example\4test", 24)));
  EXPECT_TRUE(dns("\3a.b\6forest\7example\4test"));
  EXPECT_TRUE(dns("\2ok\1%\4deep\6forest\7example\4test"));
  EXPECT_FALSE(dns("\6forest\1%\7example\4test"));
  EXPECT_FALSE(dns("\1%\6listed\7example\4test"));
  EXPECT_TRUE(match_.name_unusable);
}

TEST_F(MatchTest, AUrlEntryIsThisUrlOnlyAndNeverItsHost) {
  list({{canon::EntryKind::url, "http://shared.example.test/a/b?q=1"},
        {canon::EntryKind::url, "shared.example.test/c"}});
  EXPECT_TRUE(http("shared.example.test", "/a/b?q=1"));
  EXPECT_TRUE(http("Shared.Example.Test.:80", "/x/../a/%62?q=1"));
  EXPECT_TRUE(http("shared.example.test", "/c"));
  EXPECT_FALSE(http("shared.example.test", "/a/b"));
  EXPECT_FALSE(http("shared.example.test", "/a/b?q=2"));
  EXPECT_FALSE(http("shared.example.test", "/c/"));
  EXPECT_FALSE(http("shared.example.test", "/c?x"));
  server_port_ = 8080;
  EXPECT_FALSE(http("shared.example.test:8080", "/c"));
  server_port_ = 80;
  EXPECT_FALSE(http("www.shared.example.test", "/c"));
  EXPECT_FALSE(tls({"shared.example.test"}));
  EXPECT_FALSE(
      dns("\x06shared\x07"
          "example\x04test"));
}

TEST_F(MatchTest, APrefixEndsOnASegmentBoundary) {
  list({{canon::EntryKind::prefix, "http://p.example.test/a/b"},
        {canon::EntryKind::prefix, "http://q.example.test/a/"},
        {canon::EntryKind::prefix, "http://r.example.test/"}});
  EXPECT_TRUE(http("p.example.test", "/a/b"));
  EXPECT_TRUE(http("p.example.test", "/a/b/"));
  EXPECT_TRUE(http("p.example.test", "/a/b/c/d?e"));
  EXPECT_TRUE(http("p.example.test", "/a/b?q"));
  EXPECT_FALSE(http("p.example.test", "/a/bc"));
  EXPECT_FALSE(http("p.example.test", "/a"));
  EXPECT_TRUE(http("q.example.test", "/a/"));
  EXPECT_TRUE(http("q.example.test", "/a/x"));
  EXPECT_FALSE(http("q.example.test", "/a"));
  EXPECT_FALSE(http("q.example.test", "/ab/"));
  EXPECT_TRUE(http("r.example.test", "/"));
  EXPECT_TRUE(http("r.example.test", "/x?y"));
  EXPECT_FALSE(tls({"r.example.test"}));
}

TEST_F(MatchTest, ACutTargetStillMeetsItsPrefixes) {
  list({{canon::EntryKind::prefix, "http://p.example.test/a"}});
  EXPECT_TRUE(http("p.example.test", "/a/" + std::string(4000, 'x')));
  EXPECT_FALSE(http("p.example.test", "/" + std::string(4000, 'a')));
}

TEST_F(MatchTest, ARequestWithoutATargetNamesNoUrl) {
  list({{canon::EntryKind::prefix, "http://p.example.test/"}, {canon::EntryKind::host, "listed.example.test"}});
  EXPECT_TRUE(http("p.example.test", "/"));
  EXPECT_FALSE(http("p.example.test:80", ""));
  EXPECT_TRUE(http("listed.example.test:443", ""));
}

TEST_F(MatchTest, AnyOfSeveralNamesCounts) {
  list({{canon::EntryKind::host, "listed.example.test"}});
  EXPECT_TRUE(tls({"benign.example.test", "listed.example.test"}));
  EXPECT_FALSE(tls({"benign.example.test", "other.example.test"}));
  EXPECT_TRUE(tls({"bad name", "listed.example.test"}));
  EXPECT_TRUE(match_.name_unusable);
}

TEST_F(MatchTest, ADottedLabelIsNoOtherName) {
  list({{canon::EntryKind::host, "listed.example.test"}});
  EXPECT_FALSE(dns("\x0elisted.example\x04test"));
  EXPECT_TRUE(match_.name_unusable);
  EXPECT_FALSE(dns(""));
}

TEST_F(MatchTest, AUrlOnAnAddressMatchesEverySpelling) {
  list({{canon::EntryKind::url, "http://192.0.2.7/a"}, {canon::EntryKind::url, "http://[2001:db8::7]/a"}});
  EXPECT_TRUE(http("192.0.2.7", "/a"));
  EXPECT_TRUE(http("3221225991", "/a"));
  EXPECT_TRUE(http("[2001:0DB8::7]", "/a"));
  EXPECT_FALSE(http("192.0.2.8", "/a"));
}

TEST_F(MatchTest, LeavesNoNameInItsScratch) {
  list({{canon::EntryKind::url, "http://wiped.example.test/secretpath"}});
  ASSERT_TRUE(http("wiped.example.test", "/secretpath"));
  const std::string_view memory(reinterpret_cast<const char*>(&matcher_), sizeof matcher_);
  EXPECT_EQ(memory.find("wiped"), std::string_view::npos);
  EXPECT_EQ(memory.find("secretpath"), std::string_view::npos);
}

// The compiled table against a naive matcher over random names of few labels, so that collisions of meaning are common.
TEST_F(MatchTest, AgreesWithANaiveMatcher) {
  std::mt19937 random(10);
  const auto name = [&] {
    std::string text = random() % 2 == 0 ? "x.test" : "y.test";
    for (std::size_t n = random() % 3; n > 0; --n) text = std::string(1, "abc"[random() % 3]) + "." + text;
    return text;
  };
  for (int round = 0; round < 200; ++round) {
    std::set<std::string> hosts, domains;
    std::vector<std::pair<canon::EntryKind, std::string>> entries;
    for (std::size_t n = random() % 6; n > 0; --n) {
      const bool domain = random() % 2 == 0;
      const std::string text = name();
      (domain ? domains : hosts).insert(text);
      entries.emplace_back(domain ? canon::EntryKind::domain : canon::EntryKind::host, text);
    }
    list(entries);
    for (int asked = 0; asked < 100; ++asked) {
      const std::string text = name();
      bool expected = hosts.contains(text);
      for (const auto& domain : domains) expected |= text == domain || text.ends_with("." + domain);
      ASSERT_EQ(tls({text}), expected) << text;
    }
  }
}

TEST_F(MatchTest, OnlyRulesThatStandAreFoundAndToldOf) {
  for (const auto& [kind, text] : {std::pair{canon::EntryKind::domain, "example.test"},
                                   std::pair{canon::EntryKind::url, "http://www.example.test/a?b"},
                                   std::pair{canon::EntryKind::prefix, "http://www.example.test/a"}}) {
    list({{kind, text}});
    digested_[0].ends_s = 100;
    const snapshot::ListInput input{"hotline", snapshot::ListState::enforce, digested_};
    bytes_.emplace(std::move(*snapshot::build_snapshot({&input, 1}, kKey, 1, {.realtime_ns = 1})));
    snapshot_.emplace(*snapshot::Snapshot::open(bytes_->view(), kKey));
    occasion_.trusted_realtime_ns = 99 * kNanosecondsPerSecond;
    EXPECT_TRUE(http("www.example.test", "/a?b")) << text;
    EXPECT_EQ(match_.digest_count, 1);
    occasion_.trusted_realtime_ns = 100 * kNanosecondsPerSecond;
    EXPECT_FALSE(http("www.example.test", "/a?b")) << text;
    EXPECT_EQ(match_.digest_count, 0) << "what has ended leaves no trace";
    EXPECT_FALSE(match_.name_unusable);
  }
}

}  // namespace
}  // namespace parapet::packet
