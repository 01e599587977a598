// SPDX-License-Identifier: Apache-2.0
// Increments apply to exactly the version that they name; what comes of them is judged together.
#include <gtest/gtest.h>

#include "digested.h"
#include "lists/hold/intake.h"
#include "people.h"
#include "temp_folder.h"

namespace parapet::lists {
namespace {

using approval::Outcome;
using support::kListKey;

constexpr Nanoseconds kNow = 1'795'900'000 * kNanosecondsPerSecond;

std::string numbered(int first, int last) {
  std::string text;
  for (int i = first; i <= last; ++i) text += "site" + std::to_string(i) + ".example.test\n";
  return text;
}

class IncrementsTest : public testing::Test {
 protected:
  IncrementsTest() {
    EXPECT_TRUE(make_intake_folders(folder.path()));
    reading.allow_empty = source.allow_empty = true;
    restart();
  }
  void restart() {
    intake.emplace(source, folder.path(), store, kListKey);
    static_cast<void>(intake->load(rules()));
  }
  IntakeRules rules() const { return {people, kNow, nullptr}; }

  GuardedList whole(std::uint64_t version, std::string_view text) {
    GuardedList made{support::digested(text, reading), {}};
    made.list.place.version = version;
    return made;
  }
  GuardedList change(std::uint64_t version, std::uint64_t base, std::string_view added, std::string_view removed = "") {
    auto made = whole(version, added);
    made.increment = Increment{base, support::digested(removed, reading).entries};
    return made;
  }
  Result<Taken> take(GuardedList read) { return intake->take(std::move(read), kNow, rules()); }
  std::string refusal(GuardedList read) {
    const auto taken = take(std::move(read));
    return taken ? "" : taken.error().context;
  }
  Result<Outcome> say(std::string name) {
    approval::Statement statement{.about = source.name, .decision = approval::Decision::approve};
    if (intake->held() != nullptr) statement.subject = intake->held()->tally.subject();
    statement.expires_realtime_s = kNow / kNanosecondsPerSecond + 3600;
    return intake->decide(support::signed_by(std::move(name), statement), rules());
  }
  std::size_t in_force() const { return intake->list() ? intake->list()->entries.size() : 0; }
  std::uint64_t version() const { return intake->list() ? intake->list()->place.version : 0; }

  support::TempFolder folder;
  config::SourceOptions source = support::source_named("hotline");
  config::SourceOptions reading = source;  // in the child
  std::vector<config::Approver> people = support::approvers();
  SourceStore store = std::move(*SourceStore::open(folder.path(), kListKey));
  std::optional<Intake> intake;
};

TEST_F(IncrementsTest, OneAfterTheOtherOverARestart) {
  ASSERT_EQ(take(whole(10, numbered(1, 100))), Taken::accepted);
  ASSERT_EQ(take(change(11, 10, numbered(101, 103), numbered(1, 1))), Taken::accepted);
  EXPECT_EQ(in_force(), 102u);
  restart();
  EXPECT_EQ(version(), 11u);
  ASSERT_EQ(take(change(15, 11, "", numbered(101, 103))), Taken::accepted) << "numbers may be left out";
  EXPECT_EQ(in_force(), 99u);
  EXPECT_EQ(take(change(16, 15, "")), Taken::unchanged);
  EXPECT_EQ(version(), 16u);
  restart();
  EXPECT_EQ(take(change(17, 16, numbered(1, 1))), Taken::accepted);
}

TEST_F(IncrementsTest, WithoutItsBaseNoneIsTaken) {
  EXPECT_EQ(refusal(change(11, 10, numbered(1, 1))),
            "verify: it changes version 10 of the list to 11, and ours is none");
  ASSERT_TRUE(take(whole(10, numbered(1, 100))));
  for (const std::uint64_t base : {9u, 11u, 12u}) {
    EXPECT_EQ(refusal(change(13, base, numbered(101, 101))),
              "verify: it changes version " + std::to_string(base) + " of the list to 13, and ours is 10");
  }
  EXPECT_EQ(in_force(), 100u);
}

TEST_F(IncrementsTest, OldOnesDoNotComeBackAndTheSameChangesNothing) {
  ASSERT_TRUE(take(whole(10, numbered(1, 100))));
  auto first = change(11, 10, numbered(101, 101), numbered(1, 1));
  ASSERT_EQ(take(first), Taken::accepted);
  const auto sequence = intake->list()->sequence;
  first.list.etag = "\"again\"";
  EXPECT_EQ(take(first), Taken::unchanged);
  EXPECT_EQ(intake->list()->sequence, sequence);
  EXPECT_EQ(intake->list()->etag, "\"again\"") << "to ask with";
  EXPECT_EQ(refusal(change(10, 9, numbered(1, 1))),
            "verify: it has the number 10, and ours is 11: an old list does not come back");
  EXPECT_EQ(refusal(whole(10, numbered(1, 100))),
            "verify: it has the number 10, and ours is 11: an old list does not come back");
  EXPECT_EQ(refusal(change(11, 10, numbered(102, 102))),
            "verify: another increment bears the number of our version, 11");
  EXPECT_EQ(refusal(change(11, 10, "", numbered(2, 2))),
            "verify: another increment bears the number of our version, 11");
  EXPECT_EQ(refusal(whole(11, numbered(1, 100))), "verify: another list bears the number of our version, 11");
  EXPECT_EQ(take(whole(11, numbered(2, 101))), Taken::unchanged);
}

TEST_F(IncrementsTest, SmallStepsAreJudgedTogether) {
  ASSERT_TRUE(take(whole(1, numbered(1, 100))));
  ASSERT_EQ(take(change(2, 1, numbered(101, 125))), Taken::accepted);
  ASSERT_EQ(take(change(3, 2, numbered(126, 150))), Taken::accepted);
  restart();
  ASSERT_EQ(take(change(4, 3, numbered(151, 151))), Taken::held);
  EXPECT_EQ(summary_of(intake->held()->findings), "51 entries growth (together with increments before)");
  EXPECT_EQ(in_force(), 150u);
  EXPECT_EQ(say("anna"), Outcome::open);
  EXPECT_EQ(say("boris"), Outcome::approved);
  EXPECT_EQ(version(), 4u);
  EXPECT_EQ(take(change(5, 4, numbered(152, 176))), Taken::accepted) << "counted anew from what people released";
}

TEST_F(IncrementsTest, EntriesThatComeAndGoCountEachTime) {
  ASSERT_TRUE(take(whole(1, numbered(1, 100))));
  std::uint64_t at = 1;
  for (int round = 0; round < 2; ++round) {
    ASSERT_EQ(take(change(at + 1, at, numbered(101, 120))), Taken::accepted);
    ++at;
    ASSERT_EQ(take(change(at + 1, at, "", numbered(101, 120))), round == 0 ? Taken::accepted : Taken::held);
    ++at;
  }
  EXPECT_EQ(summary_of(intake->held()->findings), "40 entries shrink (together with increments before)");
}

TEST_F(IncrementsTest, AWholeListIsJudgedAlone) {
  ASSERT_TRUE(take(whole(1, numbered(1, 100))));
  ASSERT_EQ(take(change(2, 1, numbered(101, 145))), Taken::accepted);
  ASSERT_EQ(take(whole(3, numbered(1, 146))), Taken::accepted);
  EXPECT_EQ(intake->list()->place, (ListPlace{3, 146, 0, 0}));
  EXPECT_EQ(take(change(4, 3, numbered(147, 200))), Taken::accepted);
}

TEST_F(IncrementsTest, WhatIsHeldIsABaseTooAndItsFindingsStay) {
  ASSERT_TRUE(take(whole(1, numbered(1, 100))));
  auto with_site = change(2, 1, numbered(101, 102));
  const EntryId top{with_site.list.entries[0].id};
  add_finding(with_site.findings, GuardRule::top_site, top);
  ASSERT_EQ(take(with_site), Taken::held);
  ASSERT_EQ(take(change(3, 2, numbered(103, 103))), Taken::held);
  ASSERT_EQ(intake->held()->findings.size(), 1u);
  EXPECT_EQ(intake->held()->findings[0].entries, std::vector{top});
  EXPECT_EQ(intake->held()->list.entries.size(), 103u);
  auto without_site = change(4, 3, "");
  without_site.increment->removed = {with_site.list.entries[0]};
  EXPECT_EQ(take(without_site), Taken::accepted) << "the source took it back";
  EXPECT_EQ(in_force(), 102u);
  EXPECT_EQ(intake->held(), nullptr);
}

TEST_F(IncrementsTest, TheVersionInForceIsABaseWhileAnotherIsHeld) {
  ASSERT_TRUE(take(whole(1, numbered(1, 100))));
  ASSERT_EQ(take(change(2, 1, numbered(101, 200))), Taken::held);
  EXPECT_EQ(take(change(3, 1, numbered(101, 101))), Taken::accepted);
  EXPECT_EQ(in_force(), 101u);
}

TEST_F(IncrementsTest, AnEmptyOneMovesWhatIsHeldOnToItsNumber) {
  ASSERT_TRUE(take(whole(1, numbered(1, 100))));
  ASSERT_EQ(take(change(2, 1, numbered(101, 200))), Taken::held);
  EXPECT_EQ(say("anna"), Outcome::open);
  EXPECT_EQ(take(change(3, 2, "")), Taken::still_held);
  restart();
  EXPECT_EQ(intake->held()->list.place.version, 3u);
  EXPECT_EQ(say("boris"), Outcome::approved) << "anna's word is for the same entries";
}

TEST_F(IncrementsTest, EverythingRemovedIsEmptyAndJudgedSo) {
  ASSERT_TRUE(take(whole(1, numbered(1, 20))));
  EXPECT_EQ(take(change(2, 1, "", numbered(1, 20))), Taken::held);
  source.allow_empty = false;
  EXPECT_EQ(refusal(change(3, 1, "", numbered(1, 20))), "the list is empty, is not signed, and allow_empty is false");
}

TEST_F(IncrementsTest, ASignatureThatIsOlderIsRefusedWhateverTheNumberSays) {
  source.keys = {{"k", "RW"}};
  auto first = whole(1, numbered(1, 100));
  first.list.signed_order = {kNow, 7};
  ASSERT_TRUE(take(first));
  auto next = change(2, 1, numbered(101, 101));
  EXPECT_EQ(refusal(next), "verify: the list in force is signed, and this one is not");
  next.list.signed_order = {kNow, 6};
  EXPECT_NE(refusal(next), "");
  next.list.signed_order = {kNow, 8};
  EXPECT_EQ(take(next), Taken::accepted);
}

TEST_F(IncrementsTest, ASourceThatStopsCountingSendsWholeLists) {
  ASSERT_TRUE(take(whole(9, numbered(1, 100))));
  EXPECT_EQ(take(whole(0, numbered(1, 101))), Taken::accepted);
  EXPECT_EQ(intake->list()->place, ListPlace{});
}

}  // namespace
}  // namespace parapet::lists
