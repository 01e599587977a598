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
    return Explainer(per_minute, kListKey, clock, audit, [] {
      return std::vector<lists::CompileInput>{
          {config::SourceState::enforce,
           std::make_shared<const lists::DigestedList>(support::digested("a.example.test\n", "one"))},
          {config::SourceState::shadow,
           std::make_shared<const lists::DigestedList>(support::digested("a.example.test\n", "two"))},
      };
    });
  }

  support::TempFolder folder;
  support::FakeClock clock;
  evidence::AuditLog audit = std::move(*evidence::AuditLog::open(folder.file("audit.jsonl"), clock));
};

TEST_F(ExplainTest, NamesEveryListThatHoldsTheUrl) {
  auto explainer = make();
  const auto explained = explainer.explain("http://a.example.test/x");
  ASSERT_TRUE(explained) << explained.error().context;
  ASSERT_EQ(explained->size(), 2u);
  EXPECT_EQ((*explained)[0].list, "one");
  EXPECT_EQ((*explained)[1].state, config::SourceState::shadow);
  EXPECT_NE((*explained)[0].hit.id, (*explained)[1].hit.id);
}

TEST_F(ExplainTest, LeavesARecordWithTheIdsAndWithoutTheUrl) {
  auto explainer = make();
  const auto explained = explainer.explain("http://a.example.test/x");
  ASSERT_TRUE(explained);
  const auto log = folder.read("audit.jsonl");
  EXPECT_NE(log.find("\"matches\":2,\"entry_ids\":\"" + lists::format_entry_id((*explained)[0].hit.id) + " "),
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
