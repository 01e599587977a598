// SPDX-License-Identifier: Apache-2.0
// Explaining is limited, recorded, and never records what was asked.
#include "control/explain.h"

#include <gtest/gtest.h>

#include "digested.h"
#include "fake_clock.h"
#include "lists/compile/entry_id.h"
#include "temp_folder.h"

namespace parapet::control {
namespace {

using support::kListKey;

class ExplainTest : public testing::Test {
 protected:
  Explainer make(std::uint32_t per_minute = 30) {
    return Explainer(
        per_minute, kListKey, clock, audit, [this](std::optional<Nanoseconds> at) -> Result<lists::ListsThen> {
          if (at && *at < kNanosecondsPerSecond) return fail(ErrorCode::not_found, "too long ago");
          auto one = std::make_shared<const lists::DigestedList>(support::digested("a.example.test\n", "one"));
          auto two = std::make_shared<const lists::DigestedList>(support::digested("a.example.test\n", "two"));
          lists::ListsThen then{at ? 6U : 7U, {}};
          then.inputs.push_back({config::SourceState::enforce, one, lifted, {}});
          if (!at) then.inputs.push_back({config::SourceState::shadow, two, {}, {}});
          return then;
        });
  }

  std::vector<EntryId> lifted;
  support::TempFolder folder;
  support::FakeClock clock;
  evidence::AuditLog audit = std::move(*evidence::AuditLog::open(folder.file("audit.jsonl"), clock));
};

TEST_F(ExplainTest, NamesEveryListThatHoldsTheUrl) {
  auto explainer = make();
  const auto explained = explainer.explain("http://a.example.test/x");
  ASSERT_TRUE(explained) << explained.error().context;
  ASSERT_EQ(explained->matches.size(), 2u);
  EXPECT_EQ(explained->matches[0].list, "one");
  EXPECT_EQ(explained->matches[1].state, config::SourceState::shadow);
  EXPECT_NE(explained->matches[0].hit.id, explained->matches[1].hit.id);
}

TEST_F(ExplainTest, TellsOfATimeThatIsKeptAndOfNoOther) {
  auto explainer = make();
  const auto then = explainer.explain("a.example.test", 5 * kNanosecondsPerSecond);
  ASSERT_TRUE(then) << then.error().context;
  EXPECT_EQ(then->generation, 6u);
  EXPECT_EQ(then->matches.size(), 1u);
  EXPECT_EQ(explainer.explain("a.example.test", 1).error().code, ErrorCode::not_found);
}

TEST_F(ExplainTest, AnAppealCodeLeadsToTheSameEntriesWithoutAName) {
  auto explainer = make();
  const auto by_name = explainer.explain("a.example.test");
  ASSERT_TRUE(by_name);
  const auto code = lists::format_appeal_code(by_name->matches[0].hit.digest);
  const auto by_code = explainer.explain_appeal(code);
  ASSERT_TRUE(by_code) << by_code.error().context;
  ASSERT_EQ(by_code->matches.size(), 2u) << "both lists hold the name";
  EXPECT_EQ(by_code->matches[0].hit.id, by_name->matches[0].hit.id);
  EXPECT_TRUE(explainer.explain_appeal("0000000000000000")->matches.empty());
  EXPECT_EQ(explainer.explain_appeal("a.example.test").error().code, ErrorCode::invalid_argument);
}

TEST_F(ExplainTest, WhatIsLiftedIsToldSo) {
  auto explainer = make();
  lifted = {explainer.explain("a.example.test")->matches[0].hit.id};
  const auto explained = explainer.explain("a.example.test");
  EXPECT_TRUE(explained->matches[0].lifted);
  EXPECT_FALSE(explained->matches[1].lifted);
}

TEST_F(ExplainTest, TellsTheEarlierOfTwoEndsAndWhetherAListIsForSome) {
  auto list = support::digested("a.example.test\nb.example.test\n");
  list.entries[0].ends_s = 100;
  config::StandingOptions standing;
  std::vector<std::uint32_t> ends;
  for (const std::uint32_t list_ends_s : {0u, 50u, 200u}) {
    standing.ends_s = list_ends_s;
    standing.exempt.resize(list_ends_s == 50 ? 1 : 0);
    Explainer explainer(30, kListKey, clock, audit, [&](std::optional<Nanoseconds>) -> Result<lists::ListsThen> {
      lists::ListsThen then;
      then.inputs.push_back({.state = config::SourceState::enforce,
                             .list = std::make_shared<const lists::DigestedList>(list),
                             .lifted = {},
                             .allowed = {},
                             .standing = standing});
      return then;
    });
    for (const char* name : {"a.example.test", "b.example.test"}) {
      const auto explained = explainer.explain(name);
      ASSERT_TRUE(explained);
      ends.push_back(explained->matches.at(0).ends_s);
      EXPECT_EQ(explained->matches.at(0).for_some, list_ends_s == 50);
    }
  }
  std::ranges::sort(ends);
  EXPECT_EQ(ends, (std::vector<std::uint32_t>{0, 50, 50, 100, 100, 200}));
}

TEST_F(ExplainTest, LeavesARecordWithTheIdsAndWithoutTheUrl) {
  auto explainer = make();
  const auto explained = explainer.explain("http://a.example.test/x");
  ASSERT_TRUE(explained);
  const auto log = folder.read("audit.jsonl");
  EXPECT_NE(log.find("\"matches\":2,\"entry_ids\":\"" + lists::format_entry_id(explained->matches[0].hit.id) + " "),
            std::string::npos)
      << log;
  EXPECT_EQ(log.find("example"), std::string::npos);
  ASSERT_TRUE(explainer.explain("unlisted.example.test"));
  EXPECT_NE(folder.read("audit.jsonl").find("\"matches\":0"), std::string::npos);
}

TEST_F(ExplainTest, TooManyQuestionsAreRefusedAndAllowedAgainLater) {
  auto explainer = make(2);
  EXPECT_TRUE(explainer.explain("a.example.test"));
  EXPECT_TRUE(explainer.explain("a.example.test"));
  const auto third = explainer.explain("a.example.test");
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().code, ErrorCode::refused);
  clock.now_ns += 31 * kNanosecondsPerSecond;
  EXPECT_TRUE(explainer.explain("a.example.test"));
  EXPECT_FALSE(explainer.explain("a.example.test"));
  clock.now_ns += 3600 * kNanosecondsPerSecond;  // what was saved up is no more than a minute's worth
  EXPECT_TRUE(explainer.explain("a.example.test"));
  EXPECT_TRUE(explainer.explain("a.example.test"));
  EXPECT_FALSE(explainer.explain("a.example.test"));
}

}  // namespace
}  // namespace parapet::control
