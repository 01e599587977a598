// SPDX-License-Identifier: Apache-2.0
// Switches: less than control.toml says, never more, over restarts.
#include "lists/hold/switches.h"

#include <gtest/gtest.h>

#include "digested.h"
#include "temp_folder.h"

namespace parapet::lists {
namespace {

using config::SourceState;
using support::kListKey;

TEST(SwitchesTest, ASwitchMakesLessOfASourceAndSurvivesARestart) {
  support::TempFolder folder;
  const auto source = support::source_named("hotline");
  {
    auto switches = Switches::load(folder.file("switches"), kListKey);
    ASSERT_TRUE(switches);
    EXPECT_EQ(switches->state_of(source), SourceState::enforce);
    ASSERT_TRUE(switches->turn("hotline", SourceState::off));
    EXPECT_EQ(switches->state_of(source), SourceState::off);
  }
  auto switches = Switches::load(folder.file("switches"), kListKey);
  EXPECT_EQ(switches->state_of(source), SourceState::off);
  ASSERT_TRUE(switches->turn("hotline", SourceState::enforce));
  EXPECT_EQ(switches->state_of(source), SourceState::enforce);
}

TEST(SwitchesTest, ASwitchNeverMakesMoreOfASource) {
  support::TempFolder folder;
  auto source = support::source_named("hotline");
  source.state = SourceState::shadow;
  auto switches = Switches::load(folder.file("switches"), kListKey);
  ASSERT_TRUE(switches->turn("hotline", SourceState::enforce));
  EXPECT_EQ(switches->state_of(source), SourceState::shadow);
}

TEST(SwitchesTest, WithoutItsLegalBasisASourceIsInShadow) {
  support::TempFolder folder;
  auto source = support::source_named("hotline");
  auto switches = Switches::load(folder.file("switches"), kListKey);
  source.legal.authority.clear();
  EXPECT_EQ(switches->state_of(source), SourceState::shadow);
}

TEST(SwitchesTest, AFileThatWasChangedIsRefused) {
  support::TempFolder folder;
  folder.write("switches", "0123456789abcdefPSW1rubbish");
  EXPECT_EQ(Switches::load(folder.file("switches"), kListKey).error().code, ErrorCode::integrity);
}

}  // namespace
}  // namespace parapet::lists
