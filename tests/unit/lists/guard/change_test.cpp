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

Findings judge(const Entries& in_force, const Entries& offered, const config::ChangeLimits& limits = {}) {
  Findings findings;
  judge_change(in_force, offered, limits, findings);
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
