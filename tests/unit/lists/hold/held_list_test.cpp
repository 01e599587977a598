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

HeldList read_back(const HeldList& held) {
  auto back = parse_held_list(format_held_list(held, kListKey), kListKey);
  EXPECT_TRUE(back);
  return std::move(*back);
}

TEST(HeldListTest, IsReadBackWithWhatWasSaidOfIt) {
  const auto held = sample();
  auto back = read_back(held);
  EXPECT_EQ(back.list.entries, held.list.entries);
  EXPECT_EQ(back.findings, held.findings);
  EXPECT_EQ(back.held_realtime_ns, 5u);
  EXPECT_TRUE(back.tally.statements().empty());
  recall_said(format_said(held), back, support::approvers(), kNowS);
  EXPECT_EQ(back.waited_s, 61u);
  EXPECT_EQ(back.tally.statements(), held.tally.statements());
}

TEST(HeldListTest, WhatAnApproverSaidWhoIsNoneAnyMoreOrTooLongAgoCountsNoLonger) {
  const std::vector<config::Approver> others{support::approver("boris")};
  auto stranger = read_back(sample()), late = read_back(sample());
  recall_said(format_said(sample()), stranger, others, kNowS);
  recall_said(format_said(sample()), late, support::approvers(), kNowS + 60);
  EXPECT_TRUE(stranger.tally.statements().empty());
  EXPECT_TRUE(late.tally.statements().empty());
}

TEST(HeldListTest, WhatWasSaidOfAnotherListIsNotTaken) {
  HeldList other(digested("c.example.test\n"), {});
  recall_said(format_said(sample()), other, support::approvers(), kNowS);
  EXPECT_TRUE(other.tally.statements().empty());
  EXPECT_EQ(other.waited_s, 0u);
}

TEST(HeldListTest, EveryCutIsRefused) {
  const auto bytes = format_held_list(sample(), kListKey);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(parse_held_list(ByteView(bytes).first(size), kListKey)) << size;
  }
  const auto said = format_said(sample());
  for (std::size_t size = 0; size < said.size(); ++size) {
    auto held = read_back(sample());
    recall_said(ByteView(said).first(size), held, support::approvers(), kNowS);
    EXPECT_TRUE(held.tally.statements().empty()) << size;
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
