// SPDX-License-Identifier: Apache-2.0
// Protected names: what no entry may stop without two people.
#include "lists/guard/never_block.h"

#include <gtest/gtest.h>

namespace parapet::lists {
namespace {

using canon::EntryKind;
using enum GuardRule;

class NeverBlockTest : public testing::Test {
 protected:
  static NeverBlock make() {
    auto guard = NeverBlock::make({{{public_suffix, "test\nshared.test\n*.wild.test\n!open.wild.test\n"},
                                    {top_site, "1,big.example.test\n2,news.test\n"},
                                    {shared_host, "pages.example.test # hosting\n"},
                                    {own_name, "isp.test\n"},
                                    {resolver, "dns.example.test\n"},
                                    {hotline, "hotline.test\n"},
                                    {certificate, "ocsp.deep.ca.test\n"},
                                    {special_use, "home.invalid\n"}},
                                   {}});
    EXPECT_TRUE(guard) << guard.error().context;
    return std::move(*guard);
  }
  std::optional<GuardRule> rule(EntryKind kind, std::string host, std::string path = "", std::string query = "") const {
    return guard.rule_against({kind, std::move(host), 0, std::move(path), std::move(query)});
  }
  NeverBlock guard = make();
};

constexpr std::optional<GuardRule> kNone = std::nullopt;

TEST_F(NeverBlockTest, ASuffixIsProtectedAndWhatStandsBelowItIsNot) {
  EXPECT_EQ(rule(EntryKind::domain, "shared.test"), public_suffix);
  EXPECT_EQ(rule(EntryKind::host, "a.wild.test"), public_suffix);
  EXPECT_EQ(rule(EntryKind::host, "open.wild.test"), kNone);
  EXPECT_EQ(rule(EntryKind::domain, "bad.shared.test"), kNone);
}

TEST_F(NeverBlockTest, ATopSiteIsProtectedWithItsWwwName) {
  EXPECT_EQ(rule(EntryKind::host, "news.test"), top_site);
  EXPECT_EQ(rule(EntryKind::host, "www.news.test"), top_site);
  EXPECT_EQ(rule(EntryKind::domain, "www.news.test"), top_site);
  EXPECT_EQ(rule(EntryKind::host, "user.news.test"), kNone);
}

TEST_F(NeverBlockTest, ADomainAboveAProtectedNameIsCaughtAndAHostIsNot) {
  EXPECT_EQ(rule(EntryKind::domain, "ca.test"), certificate);
  EXPECT_EQ(rule(EntryKind::domain, "deep.ca.test"), certificate);
  EXPECT_EQ(rule(EntryKind::host, "ca.test"), kNone);
  EXPECT_EQ(rule(EntryKind::domain, "bigexample.test"), kNone);
}

TEST_F(NeverBlockTest, UrlsOfSitesAndHostsArePassedUnlessTheyAreTheWholeSite) {
  EXPECT_EQ(rule(EntryKind::url, "news.test", "/user/1"), kNone);
  EXPECT_EQ(rule(EntryKind::prefix, "pages.example.test", "/user/"), kNone);
  EXPECT_EQ(rule(EntryKind::url, "news.test", "/"), top_site);
  EXPECT_EQ(rule(EntryKind::url, "news.test", "/", "q=1"), kNone);
  EXPECT_EQ(rule(EntryKind::prefix, "pages.example.test", "/"), shared_host);
  EXPECT_EQ(rule(EntryKind::prefix_below, "pages.example.test", "/"), shared_host);
}

TEST_F(NeverBlockTest, OfWhatTheNetworkLivesByEverythingIsProtected) {
  EXPECT_EQ(rule(EntryKind::host, "www.isp.test"), own_name);
  EXPECT_EQ(rule(EntryKind::url, "portal.isp.test", "/a"), own_name);
  EXPECT_EQ(rule(EntryKind::url, "dns.example.test", "/dns-query"), resolver);
  EXPECT_EQ(rule(EntryKind::host, "report.hotline.test"), hotline);
  EXPECT_EQ(rule(EntryKind::prefix, "ocsp.deep.ca.test", "/a"), certificate);
  EXPECT_EQ(rule(EntryKind::host, "router.home.invalid"), special_use);
  EXPECT_EQ(rule(EntryKind::host, "notisp.test"), kNone);
}

TEST_F(NeverBlockTest, DataThatCannotBeReadIsRefused) {
  EXPECT_FALSE(NeverBlock::make({{{top_site, "a..b\n"}}, {}}));
  EXPECT_FALSE(NeverBlock::make({{{public_suffix, "// nothing\n"}}, {}}));
}

TEST_F(NeverBlockTest, WhatIsTouchedGoesByTheGuardsOwnNameAndNeverByTheEntrys) {
  const auto touched = [this](EntryKind kind, std::string host, std::string path = "") {
    const auto seen = guard.touched_by({kind, std::move(host), 0, std::move(path), ""});
    return seen ? std::string(name_of(seen->rule)) + " " + seen->name : "nothing";
  };
  EXPECT_EQ(touched(EntryKind::host, "www.news.test"), "top_site news.test");
  EXPECT_EQ(touched(EntryKind::url, "listed.isp.test", "/listed"), "own_name isp.test");
  EXPECT_EQ(touched(EntryKind::domain, "deep.ca.test"), "certificate ocsp.deep.ca.test");
  EXPECT_EQ(touched(EntryKind::domain, "ca.test"), "certificate ocsp.deep.ca.test");
  EXPECT_EQ(touched(EntryKind::domain, "pages.example.test"), "shared_host pages.example.test");
  EXPECT_EQ(touched(EntryKind::host, "shared.test"), "public_suffix shared.test");
  EXPECT_EQ(touched(EntryKind::host, "listed.wild.test"), "public_suffix *.wild.test");
  EXPECT_EQ(touched(EntryKind::host, "open.wild.test"), "nothing");
  EXPECT_EQ(touched(EntryKind::url, "news.test", "/listed"), "nothing");
}

TEST_F(NeverBlockTest, ANameThatTwoFilesHaveKeepsItsFirstRule) {
  const auto both = NeverBlock::make({{{top_site, "a.test\nwww.b.test\n"}, {own_name, "www.a.test\nb.test\n"}}, {}});
  ASSERT_TRUE(both);
  EXPECT_EQ(both->touched_by({EntryKind::host, "www.b.test", 0, "", ""})->name, "b.test");
  EXPECT_EQ(both->touched_by({EntryKind::host, "www.a.test", 0, "", ""})->name, "www.a.test");
  EXPECT_EQ(both->rule_against({EntryKind::host, "a.test", 0, "", ""}), top_site);
}

}  // namespace
}  // namespace parapet::lists
