// SPDX-License-Identifier: Apache-2.0
// Sizes of 30 days, over restarts.
#include "lists/guard/size_history.h"

#include <gtest/gtest.h>

#include "temp_folder.h"

namespace parapet::lists {
namespace {

constexpr Nanoseconds kDay = 86'400 * kNanosecondsPerSecond;
constexpr Nanoseconds kMeasuredAt = 20'000 * kDay;

TEST(SizeHistoryTest, TheMedianIsOfThirtyDaysAndSurvivesARestart) {
  support::TempFolder folder;
  {
    SizeHistory history(folder.file("sizes"));
    EXPECT_EQ(history.median(kMeasuredAt), 0u);
    ASSERT_TRUE(history.add(9000, kMeasuredAt - 31 * kDay));
    for (const std::uint64_t entries : {10, 500, 20}) ASSERT_TRUE(history.add(entries, kMeasuredAt));
    EXPECT_EQ(history.median(kMeasuredAt), 20u);
  }
  EXPECT_EQ(SizeHistory(folder.file("sizes")).median(kMeasuredAt), 20u);
}

TEST(SizeHistoryTest, AfterALongSilenceTheLastSizeCounts) {
  support::TempFolder folder;
  SizeHistory history(folder.file("sizes"));
  ASSERT_TRUE(history.add(10, kMeasuredAt));
  ASSERT_TRUE(history.add(40, kMeasuredAt + kDay));
  EXPECT_EQ(history.median(kMeasuredAt + 60 * kDay), 40u);
}

TEST(SizeHistoryTest, AFileThatIsNoneIsAnEmptyHistory) {
  support::TempFolder folder;
  folder.write("sizes", "hello\n");
  EXPECT_EQ(SizeHistory(folder.file("sizes")).median(kMeasuredAt), 0u);
}

}  // namespace
}  // namespace parapet::lists
