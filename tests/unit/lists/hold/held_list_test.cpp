// SPDX-License-Identifier: Apache-2.0
// The bytes of what waits: read back, or refused.
#include "lists/hold/held_list.h"

#include <gtest/gtest.h>

#include "digested.h"
#include "people.h"

namespace parapet::lists {
namespace {

using support::digested;
using support::kListKey;

constexpr std::uint64_t kNowS = 1'795'900'000;

HeldList sample() {
  Findings findings;
  add_finding(findings, GuardRule::growth, EntryId{7});
  add_finding(findings, GuardRule::guard_data, "hotlines.txt is more than 90 days old");
  HeldList held(digested("a.example.test\nb.example.test\n"), findings);
  held.held_realtime_ns = 5;
  held.waited_s = 61;
  approval::Statement said{.subject = held.tally.subject(), .about = "hotline", .expires_realtime_s = kNowS + 60};
  EXPECT_TRUE(held.tally.take(support::signed_by("anna", said), support::approvers(), kNowS));
  return held;
}

TEST(HeldListTest, IsReadBack) {
  const auto held = sample();
  const auto back = parse_held_list(format_held_list(held, kListKey), kListKey, support::approvers(), kNowS);
  ASSERT_TRUE(back) << back.error().context;
  EXPECT_EQ(back->list.entries, held.list.entries);
  EXPECT_EQ(back->findings, held.findings);
  EXPECT_EQ(back->waited_s, 61u);
  EXPECT_EQ(back->held_realtime_ns, 5u);
  EXPECT_EQ(back->tally.statements(), held.tally.statements());
}

TEST(HeldListTest, WhatAnApproverSaidWhoIsNoneAnyMoreCountsNoLonger) {
  const auto bytes = format_held_list(sample(), kListKey);
  const std::vector<config::Approver> others{support::approver("boris")};
  EXPECT_TRUE(parse_held_list(bytes, kListKey, others, kNowS)->tally.statements().empty());
  EXPECT_TRUE(parse_held_list(bytes, kListKey, support::approvers(), kNowS + 60)->tally.statements().empty());
}

TEST(HeldListTest, EveryCutIsRefused) {
  const auto bytes = format_held_list(sample(), kListKey);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(parse_held_list(ByteView(bytes).first(size), kListKey, support::approvers(), kNowS)) << size;
  }
}

TEST(HeldListTest, ASubjectIsOfTheSourceTheOrderAndTheEntriesAlone) {
  const auto list = digested("a.example.test\n");
  auto other = list;
  other.etag = "\"v2\"";
  other.sequence = 9;
  other.fetched_realtime_ns = 1;
  EXPECT_EQ(subject_of(list), subject_of(other));
  other.signed_order.sequence = 2;
  EXPECT_NE(subject_of(list), subject_of(other));
  EXPECT_NE(subject_of(list), subject_of(digested("b.example.test\n")));
  EXPECT_NE(subject_of(list), subject_of(digested("a.example.test\n", "second")));
}

TEST(HeldListTest, ADismissedOneIsReadBackAndCutsAreRefused) {
  const DismissedList dismissed{subject_of(digested("a.example.test\n")), {5, 6}, "refused by anna"};
  const auto bytes = format_dismissed_list(dismissed);
  const auto back = parse_dismissed_list(bytes);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->subject, dismissed.subject);
  EXPECT_EQ(back->signed_order, dismissed.signed_order);
  EXPECT_EQ(back->why, dismissed.why);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(parse_dismissed_list(ByteView(bytes).first(size)));
}

}  // namespace
}  // namespace parapet::lists
