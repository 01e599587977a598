// SPDX-License-Identifier: Apache-2.0
// What people decide: it is published, survives list updates and restarts, and ends when it must.
#include "people.h"
#include "snapshot/snapshot.h"
#include "updater_fixture.h"

namespace parapet::lists {
namespace {

constexpr std::string_view kName = "a.example.test";

std::string numbered(int first, int last) {
  std::string text;
  for (int i = first; i <= last; ++i) text += "site" + std::to_string(i) + ".example.test\n";
  return text;
}

class OperationsTest : public UpdaterTest {
 protected:
  // Polls once, then does something with the updater that still runs.
  template <typename Act>
  void then(Act&& act) {
    auto updater = make();
    updater->load();
    updater->run();
    ASSERT_TRUE(updater->wait_for_first_attempts_ms(10'000));
    act(*updater);
    status = updater->status();
    updater->stop();
  }
  std::uint64_t in_an_hour() const { return clock.realtime_ns() / kNanosecondsPerSecond + 3600; }
  Result<SuspensionStatus> suspend(Updater& updater, std::string_view target, std::string by) const {
    approval::Statement statement{.act = approval::Act::suspend, .about = "suspension"};
    statement.subject = *updater.suspension_subject(target);
    statement.expires_realtime_s = in_an_hour();
    return updater.suspend(target, "ticket 7", support::signed_by(std::move(by), statement));
  }
  Result<SuspensionStatus> answer(Updater& updater, std::uint64_t number, std::string by,
                                  approval::Decision decision) const {
    approval::Statement statement{.act = approval::Act::suspend, .about = "suspension", .decision = decision};
    statement.subject = *updater.suspension_subject(kName);
    statement.expires_realtime_s = in_an_hour();
    return updater.answer_suspension(number, support::signed_by(std::move(by), statement));
  }
  Result<approval::Outcome> approve(Updater& updater, std::string by) const {
    approval::Statement statement{.about = "hotline"};
    const auto now = updater.status();
    if (now.sources[0].held) statement.subject = now.sources[0].held->subject;
    statement.expires_realtime_s = in_an_hour();
    return updater.decide(support::signed_by(std::move(by), statement));
  }
  // Whether the published snapshot stops this host, and in which state its list is.
  bool stops(std::string_view host) {
    const auto bytes = folder.read("snapshot");
    snapshot::SnapshotBytes aligned(bytes.size());
    std::ranges::copy(bytes, reinterpret_cast<char*>(aligned.data()));
    const auto opened = snapshot::Snapshot::open(aligned.view(), kListKey);
    EXPECT_TRUE(opened);
    state_in_snapshot = opened->state_of(ListIndex{0});
    return lists_stopping(*opened, {canon::EntryKind::host, std::string(host), 0, "", ""}, kListKey) != 0;
  }
  snapshot::ListState state_in_snapshot{};
};

TEST_F(OperationsTest, ASuspendedEntryIsOutOfTheSnapshotAndAListUpdateDoesNotBringItBack) {
  then([&](Updater& updater) {
    ASSERT_TRUE(stops(kName));
    const auto begun = suspend(updater, kName, "anna");
    ASSERT_TRUE(begun) << begun.error().context;
    EXPECT_EQ(begun->entries, 1u);
    EXPECT_FALSE(stops(kName));
  });
  EXPECT_EQ(status.sources[0].lifted, 1u);
  says["hotline"] = PollReply(guarded("a.example.test\nb.example.test\n"));
  then([&](Updater&) {
    EXPECT_TRUE(stops("b.example.test"));
    EXPECT_FALSE(stops(kName)) << "over an update and a restart";
  });
}

TEST_F(OperationsTest, ASuspensionIsConfirmedByAnotherPersonAndEndedByAnybody) {
  then([&](Updater& updater) {
    ASSERT_TRUE(suspend(updater, kName, "anna"));
    EXPECT_EQ(answer(updater, 1, "anna", approval::Decision::approve).error().code, ErrorCode::refused);
    ASSERT_TRUE(answer(updater, 1, "boris", approval::Decision::approve));
    EXPECT_EQ(updater.status().suspensions.at(0).suspension.confirmed_by, "boris");
    ASSERT_TRUE(answer(updater, 1, "anna", approval::Decision::refuse));
    EXPECT_TRUE(stops(kName));
  });
}

TEST_F(OperationsTest, NobodySuspendsWithoutAKeyOrWhatIsInNoList) {
  then([&](Updater& updater) {
    EXPECT_EQ(suspend(updater, kName, "mallory").error().code, ErrorCode::refused);
    EXPECT_EQ(suspend(updater, "other.example.test", "anna").error().code, ErrorCode::not_found);
    EXPECT_TRUE(stops(kName));
  });
}

TEST_F(OperationsTest, AHeldListIsPublishedWhenTwoPeopleReleasedIt) {
  says["hotline"] = PollReply(guarded(numbered(1, 100)));
  run_once();
  says["hotline"] = PollReply(guarded(numbered(1, 200)));
  then([&](Updater& updater) {
    EXPECT_FALSE(stops("site200.example.test"));
    EXPECT_EQ(approve(updater, "anna"), approval::Outcome::open);
    EXPECT_EQ(approve(updater, "anna").error().code, ErrorCode::refused);
    EXPECT_FALSE(stops("site200.example.test"));
    EXPECT_EQ(approve(updater, "boris"), approval::Outcome::approved);
    EXPECT_TRUE(stops("site200.example.test"));
  });
  EXPECT_EQ(journal.take(), (Lines{"loaded hotline", "held hotline: 100 entries growth", "anna: open",
                                   "boris: approved", "accepted hotline 2", "published 2"}));
}

TEST_F(OperationsTest, GoingBackPublishesTheOldListsUnderANewGeneration) {
  run_once();
  says["hotline"] = PollReply(guarded("a.example.test\nb.example.test\n"));
  then([&](Updater& updater) {
    ASSERT_TRUE(stops("b.example.test"));
    const auto now = updater.go_back_to(1, "false blocks");
    ASSERT_TRUE(now) << now.error().context;
    EXPECT_EQ(*now, 3u);
    EXPECT_FALSE(stops("b.example.test"));
    EXPECT_TRUE(stops(kName));
    EXPECT_EQ(updater.go_back_to(99, "nothing").error().code, ErrorCode::not_found);
  });
  EXPECT_EQ(status.generations.size(), 3u);
  journal.take();
  EXPECT_EQ(run_once(), (Lines{"loaded hotline", "refused hotline refused"})) << "it does not come back";
}

TEST_F(OperationsTest, TenGenerationsAreKeptAndTheirListsWithThem) {
  for (int i = 1; i <= 13; ++i) {
    says["hotline"] = PollReply(guarded(numbered(1, i)));
    run_once();
  }
  EXPECT_EQ(status.generations.size(), kKeptGenerations);
  EXPECT_EQ(status.generations.front().generation, 13u);
  const auto count = [&](const char* name) {
    return std::distance(std::filesystem::directory_iterator(folder.file(name)), {});
  };
  EXPECT_EQ(count("state/generations"), 10);
  EXPECT_EQ(count("state/versions"), 10);
  then([&](Updater& updater) { EXPECT_TRUE(updater.go_back_to(4, "test")); });
  EXPECT_EQ(status.sources[0].entries, 4u);
}

TEST_F(OperationsTest, ASwitchTurnsASourceOffOverRestartsAndBackAgain) {
  then([&](Updater& updater) {
    ASSERT_TRUE(updater.turn("hotline", config::SourceState::off, "harm"));
    EXPECT_TRUE(stops(kName)) << "it is still counted by nobody, but there";
    EXPECT_EQ(state_in_snapshot, snapshot::ListState::off);
    EXPECT_EQ(updater.turn("nobody", config::SourceState::off, "harm").error().code, ErrorCode::not_found);
  });
  then([&](Updater& updater) {
    EXPECT_EQ(updater.status().sources[0].state, config::SourceState::off);
    ASSERT_TRUE(updater.turn("hotline", config::SourceState::enforce, "mended"));
    static_cast<void>(stops(kName));
    EXPECT_EQ(state_in_snapshot, snapshot::ListState::enforce);
  });
}

TEST_F(OperationsTest, ASnapshotThatWouldStopATopSiteIsNotPublished) {
  options.guard.directory = folder.path();
  folder.write("top_sites.txt", "a.example.test\n");
  EXPECT_EQ(run_once(), (Lines{"accepted hotline 1", "failed refused"}));
  EXPECT_FALSE(folder.has("snapshot"));
  EXPECT_NE(status.published.error_context.find("1 of 1 top sites"), std::string::npos);
}

TEST_F(OperationsTest, TheListsOfATimeAreThoseOfItsGeneration) {
  run_once();
  const auto between = clock.realtime_ns();
  says["hotline"] = PollReply(guarded("a.example.test\nb.example.test\n"));
  then([&](Updater& updater) {
    const auto then_lists = updater.lists_at(between);
    ASSERT_TRUE(then_lists) << then_lists.error().context;
    EXPECT_EQ(then_lists->generation, 1u);
    EXPECT_EQ(then_lists->inputs.at(0).list->entries.size(), 1u);
    EXPECT_EQ(updater.lists_at(clock.realtime_ns())->generation, 2u);
    EXPECT_EQ(updater.lists_at(1).error().code, ErrorCode::not_found);
  });
}

TEST_F(OperationsTest, WithoutAScopeLockAListOnlyCounts) {
  options.scope_lock_file.clear();
  EXPECT_EQ(run_once(), (Lines{"accepted hotline 1", "published 1"}));
  EXPECT_EQ(status.scope.state, ScopeState::none);
  EXPECT_EQ(status.sources[0].state, config::SourceState::shadow);
  static_cast<void>(stops(kName));
  EXPECT_EQ(state_in_snapshot, snapshot::ListState::shadow);
}

TEST_F(OperationsTest, AListOfAnotherCategoryThanTheScopeLockHasIsRefused) {
  options.sources[0].legal.category = "news";
  EXPECT_EQ(run_once(), Lines{"refused hotline refused"});
  EXPECT_FALSE(folder.has("snapshot"));
  EXPECT_FALSE(status.sources[0].in_scope);
  EXPECT_NE(status.sources[0].error_context.find("news is not in the scope lock"), std::string::npos);
}

TEST_F(OperationsTest, AListWhoseCategoryTwoPeopleTakeOutOfTheScopeOnlyCountsFromThen) {
  then([&](Updater&) {
    static_cast<void>(stops(kName));
    EXPECT_EQ(state_in_snapshot, snapshot::ListState::enforce);
    journal.take();
    folder.write("scope.lock", support::scope_lock(2, {"fraud"}));
    for (int i = 0; i < 200 && !journal.saw("published 2"); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    static_cast<void>(stops(kName));
    EXPECT_EQ(state_in_snapshot, snapshot::ListState::shadow) << "without any poll";
  });
  EXPECT_EQ(journal.take_scopes(), (Lines{"1", "2"}));
}

TEST_F(OperationsTest, WhileTheScopeLockIsRefusedNothingNewIsTakenAndTheLastGoodListStays) {
  run_once();
  folder.write("scope.lock", support::scope_lock(2, {"csam"}, {"anna"}));
  EXPECT_EQ(run_once(), (Lines{"loaded hotline", "unchanged hotline"})) << "what is in force may be sent again";
  says["hotline"] = PollReply(guarded("a.example.test\nb.example.test\n"));
  EXPECT_EQ(run_once(), (Lines{"loaded hotline", "refused hotline refused"}));
  EXPECT_EQ(status.scope.error_code, "refused");
  EXPECT_TRUE(stops(kName));
  EXPECT_FALSE(stops("b.example.test"));
  EXPECT_EQ(state_in_snapshot, snapshot::ListState::enforce);
  folder.write("scope.lock", support::scope_lock(2, {"csam"}));
  EXPECT_EQ(run_once(), (Lines{"loaded hotline", "accepted hotline 2", "published 2"}));
  EXPECT_EQ(journal.take_scopes(), (Lines{"1", "refused", "refused", "2"}));
}

TEST_F(OperationsTest, AHeldListIsNotReleasedWhileTheScopeLockIsRefused) {
  says["hotline"] = PollReply(guarded(numbered(1, 100)));
  run_once();
  says["hotline"] = PollReply(guarded(numbered(1, 200)));
  then([&](Updater& updater) {
    ASSERT_EQ(approve(updater, "anna"), approval::Outcome::open);
    folder.write("scope.lock", support::scope_lock(2, {"csam"}, {"anna", "mallory"}));
    EXPECT_EQ(approve(updater, "boris").error().code, ErrorCode::refused);
    EXPECT_FALSE(stops("site200.example.test"));
    folder.write("scope.lock", support::scope_lock(2, {"csam"}));
    EXPECT_EQ(approve(updater, "boris"), approval::Outcome::approved);
    EXPECT_TRUE(stops("site200.example.test"));
  });
}

TEST_F(OperationsTest, ASourceThatAsksForItIsToldOfASuspensionFromItsBeginToItsEnd) {
  open_archive();
  options.sources[0].report = {.directory = folder.file("out"), .url = {}, .contact = "noc@provider.example"};
  options.sources.push_back(support::source_named("other"));
  says["other"] = PollReply(guarded("a.example.test\n", "other"));
  then([&](Updater& updater) {
    ASSERT_TRUE(suspend(updater, kName, "anna"));
    ASSERT_TRUE(answer(updater, 1, "boris", approval::Decision::approve));
    EXPECT_EQ(updater.status().sources[0].reports_waiting, 2u);
    ASSERT_TRUE(answer(updater, 1, "anna", approval::Decision::refuse));
    EXPECT_FALSE(updater.status().sources[1].is_told_of_suspensions);
  });
  EXPECT_TRUE(sent.empty()) << "nobody said where to";
  const auto begun = folder.read("out/00000000000000000001-0-begun.json");
  EXPECT_NE(begun.find("\"list\":\"hotline\",\"what\":\"begun\",\"suspension\":1,"), std::string::npos) << begun;
  EXPECT_NE(begun.find("\"reason\":\"ticket 7\",\"contact\":\"noc@provider.example\""), std::string::npos) << begun;
  EXPECT_EQ(begun.find("a.example.test"), std::string::npos);
  EXPECT_TRUE(folder.has("out/00000000000000000001-1-confirmed.json"));
  EXPECT_TRUE(folder.has("out/00000000000000000001-2-ended.json"));
  EXPECT_TRUE(journal.saw("report for hotline: 1 ended 1"));
}

TEST_F(OperationsTest, AReportIsSentUntilTheSourceTakesIt) {
  options.sources[0].report = {.directory = folder.file("out"), .url = "https://hotline.example.test/r", .contact = {}};
  options.sources[0].poll_interval_ms = 100;
  takes_reports = false;
  const auto wait_for = [&](const char* line) {
    for (int i = 0; i < 500 && !journal.saw(line); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    EXPECT_TRUE(journal.saw(line)) << line;
  };
  then([&](Updater& updater) {
    ASSERT_TRUE(suspend(updater, kName, "anna"));
    wait_for("report for hotline failed: unavailable");
    EXPECT_EQ(updater.status().sources[0].reports_waiting, 1u);
  });
  takes_reports = true;
  then([&](Updater& updater) {
    wait_for("delivered to hotline: 1 begun");
    EXPECT_EQ(updater.status().sources[0].reports_waiting, 0u);
  });
  EXPECT_TRUE(sent.back().starts_with("hotline: {\"parapet_report\":1,")) << sent.back();
}

}  // namespace
}  // namespace parapet::lists
