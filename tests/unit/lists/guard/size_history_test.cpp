// SPDX-License-Identifier: Apache-2.0
// Sizes of 30 days, over restarts.
#include "lists/guard/size_history.h"

#include <gtest/gtest.h>

#include "temp_folder.h"

namespace parapet::lists {
namespace {

constexpr Nanoseconds kDay = 86'400 * kNanosecondsPerSecond;
constexpr Nanoseconds kNow = 20'000 * kDay;

TEST(SizeHistoryTest, TheMedianIsOfThirtyDaysAndSurvivesARestart) {
  support::TempFolder folder;
  {
    SizeHistory history(folder.file("sizes"));
    EXPECT_EQ(history.median(kNow), 0u);
    ASSERT_TRUE(history.add(9000, kNow - 31 * kDay));
    for (const std::uint64_t entries : {10, 500, 20}) ASSERT_TRUE(history.add(entries, kNow));
    EXPECT_EQ(history.median(kNow), 20u);
  }
  EXPECT_EQ(SizeHistory(folder.file("sizes")).median(kNow), 20u);
}

TEST(SizeHistoryTest, AfterALongSilenceTheLastSizeCounts) {
  support::TempFolder folder;
  SizeHistory history(folder.file("sizes"));
  ASSERT_TRUE(history.add(10, kNow));
  ASSERT_TRUE(history.add(40, kNow + kDay));
  EXPECT_EQ(history.median(kNow + 60 * kDay), 40u);
}

TEST(SizeHistoryTest, AFileThatIsNoneIsAnEmptyHistory) {
  support::TempFolder folder;
  folder.write("sizes", "hello\n");
  EXPECT_EQ(SizeHistory(folder.file("sizes")).median(kNow), 0u);
}

}  // namespace
}  // namespace parapet::lists
