// SPDX-License-Identifier: Apache-2.0
// What is told of an update that somebody holds, what is not, and what is recorded.
#include "control/simulator.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include "control/recorder.h"
#include "digested.h"
#include "fake_clock.h"
#include "lists/update/feed_memory.h"
#include "temp_folder.h"

namespace parapet::control {
namespace {

using lists::Finding;
using lists::GuardRule;
using lists::Taken;

lists::Updater::Outlook outlook(Taken taken, lists::Findings findings, lists::ChangeCount change) {
  return {{taken, std::move(findings)}, change.shared + change.removed, change, false};
}

TEST(ToldOf, WhoHoldsHalfOfWhatIsInForceIsToldHowTheUpdateDiffers) {
  const lists::Findings findings{{GuardRule::growth, 60, {EntryId{1}}, {}}, {GuardRule::top_site, 1, {EntryId{2}}, {}}};
  const auto told = told_of(outlook(Taken::held, findings, {60, 50, 50}), 110, true);
  EXPECT_EQ(told.outcome, SimulatedOutcome::held);
  EXPECT_TRUE(told.compared);
  EXPECT_EQ(told.change.added, 60u);
  EXPECT_EQ(told.findings[0].count, 60u);
  EXPECT_TRUE(told.findings[0].entries.empty()) << "which entries are new is never told";
  EXPECT_EQ(told.findings[1].entries.size(), 1u);
  EXPECT_EQ(told.people_needed, 2u);
}

TEST(ToldOf, WhoDoesNotIsToldNothingThatDependsOnWhatIsInForce) {
  const lists::ChangeCount other{60, 51, 49};
  const lists::Findings change{{GuardRule::growth, 60, {}, {}}, {GuardRule::shrink, 51, {}, {}}};
  const lists::Findings test{{GuardRule::self_test, 0, {}, "1 of 2 test entries are not in it"}};
  const lists::Findings site{{GuardRule::growth, 60, {}, {}}, {GuardRule::top_site, 1, {EntryId{2}}, {}}};
  for (const auto& [taken, findings] : std::vector<std::pair<Taken, lists::Findings>>{
           {Taken::held, change}, {Taken::accepted, {}}, {Taken::held, test}, {Taken::still_held, change}}) {
    const auto told = told_of(outlook(taken, findings, other), 109, true);
    EXPECT_EQ(told.outcome, SimulatedOutcome::untold);
    EXPECT_TRUE(told.findings.empty());
    EXPECT_EQ(told.change.added + told.change.removed + told.change.shared, 0u);
  }
  const auto told = told_of(outlook(Taken::held, site, other), 109, false);
  EXPECT_EQ(told.outcome, SimulatedOutcome::held);
  EXPECT_EQ(summary_of(told.findings), "1 entry top_site");
}

TEST(ToldOf, ASignedListThatOnlyShrankNeedsOnePerson) {
  const lists::Findings shrink{{GuardRule::shrink, 40, {}, {}}};
  EXPECT_EQ(told_of(outlook(Taken::held, shrink, {0, 40, 60}), 60, true).people_needed, 1u);
  EXPECT_EQ(told_of(outlook(Taken::held, shrink, {0, 40, 60}), 60, false).people_needed, 2u);
  EXPECT_EQ(told_of(outlook(Taken::accepted, {}, {1, 0, 100}), 101, true).people_needed, 0u);
}

class SimulatorTest : public testing::Test {
 protected:
  SimulatorTest() {
    options.state_directory = folder.file("state");
    options.snapshot_file = folder.file("snapshot");
    options.explain_per_minute = 3;
    options.sources.push_back(support::source_named("hotline"));
    EXPECT_TRUE(lists::make_private_folder(options.state_directory));
    auto state = lists::UpdaterState::open(options.state_directory, support::kListKey);
    EXPECT_TRUE(state);
    updater.emplace(options,
                    lists::UpdaterNeeds{support::kListKey, clock, observer,
                                        [](const auto&, const auto&) { return lists::PollReply(lists::NotModified{}); },
                                        [] { return fail(ErrorCode::not_found, "no edge"); }},
                    std::move(*state), std::move(*lists::StopSignal::make()));
    updater->load();
    simulator.emplace(options, *updater, clock, audit, [this](const lists::PollRequest& request, int) {
      requests.push_back(request);
      return reads;
    });
  }
  static Fd memory(bool sealed = true) {
    const auto made = lists::FeedMemory::create();
    EXPECT_TRUE(!sealed || made->seal());
    return Fd(::fcntl(made->fd(), F_DUPFD_CLOEXEC, 0));
  }
  static lists::GuardedList with_top_site() {
    auto list = support::digested("listed.example.test\nother.example.test\n");
    lists::Findings findings;
    add_finding(findings, GuardRule::top_site, EntryId{list.entries[0].id});
    return {std::move(list), std::move(findings)};
  }

  support::TempFolder folder;
  support::FakeClock clock;
  config::ControlOptions options;
  evidence::AuditLog audit = std::move(*evidence::AuditLog::open(folder.file("audit.jsonl"), clock));
  Recorder observer{audit, [](const lists::Applied&) {}};
  std::optional<lists::Updater> updater;
  std::optional<Simulator> simulator;
  Result<lists::GuardedList> reads = with_top_site();
  std::vector<lists::PollRequest> requests;
};

TEST_F(SimulatorTest, ItTellsWhatWouldHappenAndRecordsNumbersAlone) {
  const auto simulated = simulator->simulate("hotline", memory());
  ASSERT_TRUE(simulated) << simulated.error().context;
  EXPECT_EQ(simulated->outcome, SimulatedOutcome::held);
  EXPECT_EQ(simulated->entries, 2u);
  EXPECT_EQ(requests.at(0).entries, nullptr) << "they are not kept";
  const auto log = folder.read("audit.jsonl");
  EXPECT_NE(
      log.find(R"("type":"simulated","source":"hotline","entries":2,"outcome":"held","findings":"1 entry top_site")"),
      std::string::npos)
      << log;
  EXPECT_FALSE(updater->status().sources[0].loaded);
  EXPECT_FALSE(updater->status().sources[0].held);
}

TEST_F(SimulatorTest, WhatCannotBeReadWouldBeRefused) {
  reads = fail(ErrorCode::malformed, "read: 1 line cannot be read");
  const auto simulated = simulator->simulate("hotline", memory());
  ASSERT_TRUE(simulated);
  EXPECT_EQ(simulated->outcome, SimulatedOutcome::refused);
  EXPECT_EQ(simulated->refusal->code, ErrorCode::malformed);
  reads = fail(ErrorCode::timeout, "the reading child took too long and was killed");
  EXPECT_EQ(simulator->simulate("hotline", memory()).error().code, ErrorCode::timeout)
      << "that tells nothing of the update";
}

TEST_F(SimulatorTest, OnlySealedMemoryOfAKnownSourceIsRead) {
  EXPECT_EQ(simulator->simulate("hotline", memory(false)).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(simulator->simulate("hotline", Fd()).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(simulator->simulate("nobody", memory()).error().code, ErrorCode::not_found);
  EXPECT_TRUE(requests.empty());
  EXPECT_EQ(simulator->simulate("hotline", memory()).error().code, ErrorCode::refused) << "three a minute";
  clock.now_ns += 20 * kNanosecondsPerSecond;
  EXPECT_TRUE(simulator->simulate("hotline", memory()));
}

}  // namespace
}  // namespace parapet::control
