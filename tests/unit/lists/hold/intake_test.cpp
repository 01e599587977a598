// SPDX-License-Identifier: Apache-2.0
// What arrives is taken, held or refused; two people release; everything survives a restart.
#include "lists/hold/intake.h"

#include <gtest/gtest.h>
#include <filesystem>

#include "digested.h"
#include "people.h"
#include "temp_folder.h"

namespace parapet::lists {
namespace {

using approval::Decision;
using approval::Outcome;
using support::kListKey;

constexpr Nanoseconds kTakenAt = 1'795'900'000 * kNanosecondsPerSecond;

std::string numbered_names(int first, int last) {
  std::string text;
  for (int i = first; i <= last; ++i) text += "site" + std::to_string(i) + ".example.test\n";
  return text;
}

class IntakeTest : public testing::Test {
 protected:
  IntakeTest() {
    EXPECT_TRUE(make_intake_folders(folder.path()));
    source.keys = {{"k", "RW"}};
    restart();
  }

  // The same state read by a new process.
  Status restart() {
    intake.emplace(source, folder.path(), store, kListKey);
    return intake->load(rules());
  }
  IntakeRules rules() const { return {people, now, nullptr}; }

  GuardedList list(std::string_view text, std::uint64_t sequence = 0) {
    GuardedList made{support::digested(text, source), {}};
    if (sequence > 0) {
      made.list.signed_order = {kTakenAt, sequence};
      made.list.signing_key.fill(1);
    }
    return made;
  }
  GuardedList empty_list(std::uint64_t sequence) {
    auto may_be_empty = source;
    may_be_empty.allow_empty = true;
    GuardedList made{support::digested("", may_be_empty), {}};
    made.list.signed_order = {kTakenAt, sequence};
    made.list.signing_key.fill(1);
    return made;
  }
  // With one entry on a top site.
  GuardedList with_top_site(std::string_view text, std::uint64_t sequence = 0) {
    auto made = list(text, sequence);
    add_finding(made.findings, GuardRule::top_site, EntryId{made.list.entries[0].id});
    return made;
  }
  Result<Taken> take(GuardedList read) { return intake->take(std::move(read), kTakenAt, rules()); }
  Result<Outcome> say(std::string name, Decision decision = Decision::approve, std::uint64_t valid_s = 3600) {
    approval::Statement statement{.about = source.name, .decision = decision};
    if (intake->held() != nullptr) statement.subject = intake->held()->tally.subject();
    statement.expires_realtime_s = now / kNanosecondsPerSecond + valid_s;
    return intake->decide(support::signed_by(std::move(name), statement), rules());
  }
  std::size_t in_force() const { return intake->list() ? intake->list()->entries.size() : 0; }

  support::TempFolder folder;
  config::SourceOptions source = support::source_named("hotline");
  std::vector<config::Approver> people = support::approvers();
  Nanoseconds now = kTakenAt;
  SourceStore store = std::move(*SourceStore::open(folder.path(), kListKey));
  std::optional<Intake> intake;
};

TEST_F(IntakeTest, APlausibleListIsTaken) {
  EXPECT_EQ(take(list(numbered_names(1, 100), 1)), Taken::accepted);
  EXPECT_EQ(take(list(numbered_names(1, 110), 2)), Taken::accepted);
  EXPECT_EQ(take(list(numbered_names(1, 110), 3)), Taken::unchanged);
  EXPECT_EQ(intake->list()->sequence, 2u);
  ASSERT_TRUE(restart());
  EXPECT_EQ(in_force(), 110u);
}

TEST_F(IntakeTest, TooMuchGrowthIsHeldUntilTwoPeopleReleaseIt) {
  ASSERT_TRUE(take(list(numbered_names(1, 100), 1)));
  EXPECT_EQ(take(list(numbered_names(1, 200), 2)), Taken::held);
  EXPECT_EQ(in_force(), 100u);
  EXPECT_EQ(take(list(numbered_names(1, 200), 2)), Taken::still_held);
  EXPECT_EQ(say("anna"), Outcome::open);
  ASSERT_TRUE(restart());
  ASSERT_NE(intake->held(), nullptr);
  EXPECT_EQ(intake->held()->tally.people(now / kNanosecondsPerSecond), std::vector<std::string>{"anna"});
  EXPECT_EQ(say("anna").error().code, ErrorCode::refused) << "one person is one person, over a restart too";
  EXPECT_EQ(in_force(), 100u);
  EXPECT_EQ(say("boris"), Outcome::approved);
  EXPECT_EQ(in_force(), 200u);
  EXPECT_EQ(intake->held(), nullptr);
  ASSERT_TRUE(restart());
  EXPECT_EQ(in_force(), 200u);
  EXPECT_EQ(intake->held(), nullptr);
}

TEST_F(IntakeTest, OneRefusalEndsItAndTheVersionDoesNotComeBack) {
  ASSERT_TRUE(take(list(numbered_names(1, 100), 1)));
  ASSERT_EQ(take(list(numbered_names(1, 200), 2)), Taken::held);
  EXPECT_EQ(say("anna"), Outcome::open);
  EXPECT_EQ(say("carla", Decision::refuse), Outcome::refused);
  EXPECT_EQ(intake->held(), nullptr);
  for (int i = 0; i < 2; ++i) {
    const auto again = take(list(numbered_names(1, 200), 2));
    ASSERT_FALSE(again);
    EXPECT_NE(again.error().context.find("refused by carla"), std::string::npos);
    ASSERT_TRUE(restart());
  }
  EXPECT_EQ(in_force(), 100u);
  EXPECT_EQ(take(list(numbered_names(1, 120), 3)), Taken::accepted) << "another version is judged as always";
}

TEST_F(IntakeTest, AnApprovalThatExpiredDoesNotCount) {
  ASSERT_TRUE(take(list(numbered_names(1, 100), 1)));
  ASSERT_EQ(take(list(numbered_names(1, 200), 2)), Taken::held);
  EXPECT_EQ(say("anna", Decision::approve, 60), Outcome::open);
  now += 61 * kNanosecondsPerSecond;
  EXPECT_EQ(say("boris"), Outcome::open);
  EXPECT_EQ(say("anna"), Outcome::approved);
}

TEST_F(IntakeTest, WhatIsHeldIsReplacedByANewerVersionAndItsApprovalsWithIt) {
  ASSERT_TRUE(take(list(numbered_names(1, 100), 1)));
  ASSERT_EQ(take(list(numbered_names(1, 200), 2)), Taken::held);
  EXPECT_EQ(say("anna"), Outcome::open);
  EXPECT_EQ(take(list(numbered_names(1, 210), 3)), Taken::held);
  EXPECT_EQ(say("boris"), Outcome::open) << "anna approved another list";
  EXPECT_EQ(take(list(numbered_names(1, 200), 2)).error().code, ErrorCode::refused)
      << "an older one than the one that waits";
  EXPECT_EQ(take(list(numbered_names(1, 101), 4)), Taken::accepted);
  EXPECT_EQ(intake->held(), nullptr);
}

TEST_F(IntakeTest, ASignedListThatShrankTooMuchNeedsOnePersonOrAnHour) {
  ASSERT_TRUE(take(list(numbered_names(1, 100), 1)));
  ASSERT_EQ(take(list(numbered_names(1, 60), 2)), Taken::held);
  EXPECT_TRUE(intake->held()->is_withdrawal());
  EXPECT_EQ(intake->wait(3599, rules()), false);
  ASSERT_TRUE(restart());
  EXPECT_EQ(intake->held()->waited_s, 3599u);
  EXPECT_EQ(intake->wait(1, rules()), true);
  EXPECT_EQ(in_force(), 60u);
  ASSERT_EQ(take(empty_list(3)), Taken::held);
  EXPECT_EQ(say("anna"), Outcome::approved);
  EXPECT_EQ(in_force(), 0u);
}

TEST_F(IntakeTest, AnUnsignedListThatShrankTooMuchNeedsTwoPeopleAndNeverGoesByItself) {
  source.keys.clear();
  ASSERT_TRUE(take(list(numbered_names(1, 100))));
  ASSERT_EQ(take(list(numbered_names(1, 60))), Taken::held);
  EXPECT_FALSE(intake->held()->is_withdrawal());
  EXPECT_EQ(intake->wait(100'000, rules()), false);
  EXPECT_EQ(say("anna"), Outcome::open);
  EXPECT_EQ(in_force(), 100u);
}

TEST_F(IntakeTest, ANameThatNoListMayStopIsHeldAndAllowedForSevenDays) {
  ASSERT_TRUE(take(list(numbered_names(1, 100), 1)));
  ASSERT_EQ(take(with_top_site(numbered_names(1, 101), 2)), Taken::held);
  EXPECT_EQ(say("anna"), Outcome::open);
  EXPECT_EQ(say("boris"), Outcome::approved);
  EXPECT_TRUE(intake->lifted(now).empty());
  EXPECT_EQ(take(with_top_site(numbered_names(1, 102), 3)), Taken::accepted) << "allowed in later versions too";
  now += kOverrideSeconds * kNanosecondsPerSecond;
  ASSERT_TRUE(restart());
  EXPECT_EQ(intake->lifted(now).size(), 1u) << "not enforced any more";
  EXPECT_EQ(take(with_top_site(numbered_names(1, 103), 4)), Taken::held);
  EXPECT_EQ(take(list(numbered_names(50, 104), 5)), Taken::held) << "that is a withdrawal";
}

TEST_F(IntakeTest, AListOfFourTimesTheMedianIsRefusedAndNobodyCanReleaseIt) {
  ASSERT_TRUE(take(list(numbered_names(1, 100), 1)));
  EXPECT_EQ(take(list(numbered_names(1, 401), 2)).error().code, ErrorCode::refused);
  EXPECT_EQ(intake->held(), nullptr);
  ASSERT_TRUE(restart());
  EXPECT_EQ(take(list(numbered_names(1, 401), 2)).error().code, ErrorCode::refused) << "sizes survive a restart";
}

TEST_F(IntakeTest, WhenTheSourceIsBackAtWhatIsInForceNothingWaits) {
  ASSERT_TRUE(take(list(numbered_names(1, 100), 1)));
  ASSERT_EQ(take(list(numbered_names(1, 200), 2)), Taken::held);
  EXPECT_EQ(take(list(numbered_names(1, 100), 3)), Taken::unchanged);
  EXPECT_EQ(intake->held(), nullptr);
  ASSERT_TRUE(restart());
  EXPECT_EQ(intake->held(), nullptr);
}

TEST_F(IntakeTest, GoingBackBringsTheOldVersionAndKeepsTheNewOneAway) {
  ASSERT_TRUE(take(list(numbered_names(1, 100), 1)));
  const DigestedList first = *intake->list();
  ASSERT_TRUE(take(list(numbered_names(1, 110), 2)));
  ASSERT_TRUE(intake->go_back_to(first, "gone back from", rules()));
  EXPECT_EQ(in_force(), 100u);
  EXPECT_EQ(intake->list()->sequence, 3u);
  EXPECT_EQ(take(list(numbered_names(1, 110), 2)).error().code, ErrorCode::refused);
  ASSERT_TRUE(restart());
  EXPECT_EQ(take(list(numbered_names(1, 110), 2)).error().code, ErrorCode::refused);
  EXPECT_EQ(take(list(numbered_names(1, 105), 3)), Taken::accepted);
}

TEST_F(IntakeTest, WhatWaitsIsDroppedWhereItsFileWasChanged) {
  ASSERT_TRUE(take(list(numbered_names(1, 100), 1)));
  ASSERT_EQ(take(list(numbered_names(1, 200), 2)), Taken::held);
  auto bytes = folder.read("held/hotline");
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  folder.write("held/hotline", bytes);
  ASSERT_TRUE(restart());
  EXPECT_EQ(intake->held(), nullptr);
  EXPECT_EQ(in_force(), 100u);
}

TEST_F(IntakeTest, ATestEntryThatIsMissingHoldsTheList) {
  const Result<std::vector<canon::Entry>> known =
      std::vector<canon::Entry>{{canon::EntryKind::host, "site1.example.test", 0, "", ""}};
  auto with_known = rules();
  with_known.test_entries = &known;
  EXPECT_EQ(intake->take(list(numbered_names(1, 10), 1), kTakenAt, with_known), Taken::accepted);
  ASSERT_EQ(intake->take(list(numbered_names(2, 10), 2), kTakenAt, with_known), Taken::held);
  EXPECT_EQ(summary_of(intake->held()->findings), "self_test (1 of 1 test entries are not in it)");
  EXPECT_FALSE(intake->held()->is_withdrawal());
}

TEST_F(IntakeTest, ATestEntryThatHasEndedIsMissing) {
  const Result<std::vector<canon::Entry>> known =
      std::vector<canon::Entry>{{canon::EntryKind::host, "site1.example.test", 0, "", ""}};
  auto with_known = rules();
  with_known.test_entries = &known;
  auto ended = list("site1.example.test\n", 1);
  ended.list.entries[0].ends_s = static_cast<std::uint32_t>(kTakenAt / kNanosecondsPerSecond);
  auto ending = ended;
  ++ending.list.entries[0].ends_s;
  EXPECT_EQ(intake->take(std::move(ending), kTakenAt, with_known), Taken::accepted);
  ended.list.signed_order.sequence = 2;
  EXPECT_EQ(intake->take(std::move(ended), kTakenAt, with_known), Taken::held);
}

TEST_F(IntakeTest, WhatEndsIsNotTakenBack) {
  auto ending = list(numbered_names(1, 100), 1);
  for (auto& entry : ending.list.entries)
    entry.ends_s = static_cast<std::uint32_t>(kTakenAt / kNanosecondsPerSecond) + 1;
  auto earlier = ending;
  ASSERT_EQ(take(std::move(ending)), Taken::accepted);
  for (auto& entry : earlier.list.entries) --entry.ends_s;
  earlier.list.signed_order.sequence = 2;
  ASSERT_EQ(take(std::move(earlier)), Taken::held) << "all of them at once, by their dates";
  EXPECT_TRUE(intake->held()->is_withdrawal());
  now += kNanosecondsPerSecond;
  EXPECT_EQ(take(list(numbered_names(1, 1), 3)), Taken::accepted) << "the others had ended";
}

TEST_F(IntakeTest, WhatOldGuardDataHeldIsAskedForAnewAndTakenWhenTheyAreMended) {
  ASSERT_TRUE(take(list(numbered_names(1, 100), 1)));
  auto held = list(numbered_names(1, 101), 2);
  add_finding(held.findings, GuardRule::guard_data, "top_sites.txt is more than 90 days old");
  ASSERT_EQ(take(std::move(held)), Taken::held);
  EXPECT_EQ(intake->newest(), nullptr);
  EXPECT_EQ(take(list(numbered_names(1, 101), 2)), Taken::accepted);
  EXPECT_EQ(intake->newest(), intake->list().get());
}

TEST_F(IntakeTest, NobodySaysAnythingWhereNothingWaits) { EXPECT_EQ(say("anna").error().code, ErrorCode::not_found); }

TEST_F(IntakeTest, WhatIsForeseenIsWhatThenHappensAndNothingIsKept) {
  source.keys.clear();
  restart();
  const auto foresee = [this](const GuardedList& read) { return intake->foresee(read, rules()); };
  ASSERT_EQ(foresee(list(numbered_names(1, 100)))->taken, Taken::accepted);
  EXPECT_EQ(in_force(), 0u);
  ASSERT_EQ(*take(list(numbered_names(1, 100))), Taken::accepted);
  EXPECT_EQ(foresee(list(numbered_names(1, 100)))->taken, Taken::unchanged);
  const auto small = foresee(list(numbered_names(1, 60)));
  ASSERT_EQ(small->taken, Taken::held);
  EXPECT_EQ(intake->held(), nullptr);
  ASSERT_EQ(*take(list(numbered_names(1, 60))), Taken::held);
  EXPECT_EQ(intake->held()->findings, small->findings);
  EXPECT_EQ(foresee(list(numbered_names(1, 60)))->taken, Taken::still_held);
  const auto site = foresee(with_top_site(numbered_names(1, 101)));
  ASSERT_EQ(site->taken, Taken::held);
  EXPECT_EQ(summary_of(site->findings), "1 entry top_site");
  const auto huge = foresee(list(numbered_names(1, 600)));
  ASSERT_FALSE(huge);
  EXPECT_EQ(huge.error().context, take(list(numbered_names(1, 600))).error().context);
  ASSERT_EQ(*say("anna", Decision::refuse), Outcome::refused);
  EXPECT_EQ(foresee(list(numbered_names(1, 60))).error().code, ErrorCode::refused);
}

}  // namespace
}  // namespace parapet::lists
