// SPDX-License-Identifier: Apache-2.0
// How much a list may change at once.
#include "lists/guard/change.h"

#include <gtest/gtest.h>

namespace parapet::lists {
namespace {

using Entries = std::vector<digest::DigestedEntry>;

// Entries with these numbers.
Entries numbered(std::uint64_t first, std::uint64_t last) {
  Entries entries;
  for (auto i = first; i <= last; ++i) entries.push_back({{i, i}, 0, 0, 1000 + i, canon::EntryKind::host});
  return entries;
}

constexpr std::uint64_t kNow = 1000;

Findings judge(const Entries& in_force, const Entries& offered, const config::ChangeLimits& limits = {}) {
  Findings findings;
  judge_change(in_force, offered, kNow, limits, findings);
  return findings;
}

TEST(Change, HalfMoreIsTakenAndOneMoreIsNot) {
  EXPECT_TRUE(judge(numbered(1, 100), numbered(1, 150)).empty());
  const auto findings = judge(numbered(1, 100), numbered(1, 151));
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].rule, GuardRule::growth);
  EXPECT_EQ(findings[0].count, 51u);
  EXPECT_EQ(findings[0].entries.front(), EntryId{1101});
}

TEST(Change, AThirdLessIsNotTaken) {
  EXPECT_TRUE(judge(numbered(1, 100), numbered(31, 100)).empty());
  const auto findings = judge(numbered(1, 100), numbered(32, 100));
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].rule, GuardRule::shrink);
  EXPECT_EQ(findings[0].count, 31u);
  EXPECT_EQ(findings[0].entries.front(), EntryId{1001});
}

TEST(Change, AnotherListOfTheSameSizeIsBoth) {
  const auto findings = judge(numbered(1, 100), numbered(101, 200));
  ASSERT_EQ(findings.size(), 2u);
  EXPECT_EQ(findings[0].rule, GuardRule::growth);
  EXPECT_EQ(findings[1].rule, GuardRule::shrink);
}

TEST(Change, AFewEntriesAreNeverTooMany) {
  EXPECT_TRUE(judge(numbered(1, 2), numbered(1, 27)).empty());
  EXPECT_FALSE(judge(numbered(1, 2), numbered(1, 28)).empty());
  EXPECT_TRUE(judge(numbered(1, 27), numbered(26, 27)).empty());
}

TEST(Change, ToBecomeEmptyIsAlwaysTooMuch) {
  const auto findings = judge(numbered(1, 2), {});
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].rule, GuardRule::shrink);
  EXPECT_TRUE(judge({}, {}).empty());
}

Entries ending(Entries entries, std::uint32_t ends_s) {
  for (auto& entry : entries) entry.ends_s = ends_s;
  return entries;
}

TEST(Change, WhatHasEndedIsAbsent) {
  EXPECT_TRUE(judge(ending(numbered(1, 100), kNow), {}).empty()) << "nothing was taken back";
  EXPECT_TRUE(judge({}, ending(numbered(1, 100), kNow)).empty());
  const auto revived = judge(ending(numbered(1, 100), kNow), ending(numbered(1, 100), kNow + 1));
  ASSERT_EQ(revived.size(), 1u);
  EXPECT_EQ(summary_of(revived), "100 entries growth");
  EXPECT_EQ(summary_of(judge(numbered(1, 100), ending(numbered(1, 100), kNow))), "100 entries shrink");
}

TEST(Change, AnEndThatComesEarlierIsARemoval) {
  EXPECT_EQ(summary_of(judge(numbered(1, 100), ending(numbered(1, 100), kNow + 60))), "100 entries shrink");
  EXPECT_EQ(summary_of(judge(ending(numbered(1, 100), kNow + 61), ending(numbered(1, 100), kNow + 60))),
            "100 entries shrink");
  EXPECT_TRUE(judge(ending(numbered(1, 100), kNow + 60), ending(numbered(1, 100), kNow + 61)).empty());
  EXPECT_TRUE(judge(ending(numbered(1, 100), kNow + 60), numbered(1, 100)).empty());
}

TEST(Change, WhatCameBeforeIsJudgedTogetherWithIt) {
  const ChangesBefore before{100, {.added = 40, .removed = 25}};
  Findings findings;
  auto change = judge_change(numbered(1, 115), numbered(1, 125), kNow, {}, findings, &before);
  EXPECT_EQ(change.added, 10u);
  EXPECT_EQ(change.removed, 0u);
  EXPECT_TRUE(findings.empty()) << "half of 100";
  change = judge_change(numbered(1, 115), numbered(1, 126), kNow, {}, findings, &before);
  EXPECT_EQ(summary_of(findings), "51 entries growth (together with increments before)");
  EXPECT_EQ(findings[0].entries.size(), 11u);
  findings.clear();
  judge_change(numbered(1, 115), numbered(7, 115), kNow, {}, findings, &before);
  EXPECT_EQ(summary_of(findings), "31 entries shrink (together with increments before)");
  findings.clear();
  const ChangesBefore far{100, {.added = 400, .removed = 400}};
  judge_change(numbered(1, 115), numbered(1, 115), kNow, {}, findings, &far);
  EXPECT_TRUE(findings.empty()) << "what changes nothing is not held for what came before";
}

TEST(Change, IsCountedByNumberAlone) {
  const auto change = count_change(numbered(1, 100), numbered(31, 150));
  EXPECT_EQ(change.added, 50u);
  EXPECT_EQ(change.removed, 30u);
  EXPECT_EQ(change.shared, 70u);
  EXPECT_EQ(count_change({}, numbered(1, 7)).added, 7u);
}

TEST(Change, NamedEntriesAreBoundedAndCountedAll) {
  const auto findings = judge({}, numbered(1, 5000));
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].count, 5000u);
  EXPECT_EQ(findings[0].entries.size(), kMaxNamedEntries);
  EXPECT_EQ(summary_of(findings), "5000 entries growth");
}

TEST(Change, FourTimesTheMedianIsTakenAndMoreIsRefused) {
  EXPECT_TRUE(judge_size(400, 100, {}));
  EXPECT_EQ(judge_size(401, 100, {}).error().code, ErrorCode::refused);
  EXPECT_TRUE(judge_size(1'000'000, 0, {}));
  EXPECT_TRUE(judge_size(26, 1, {}));
  EXPECT_FALSE(judge_size(27, 1, {}));
}

}  // namespace
}  // namespace parapet::lists
