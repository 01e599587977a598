// SPDX-License-Identifier: Apache-2.0
// Trusted time: a clock that jumps by ten years moves nothing.
#include "lists/verify/trusted_clock.h"

#include <gtest/gtest.h>

#include "lists/verify/trusted_time.h"
#include "temp_folder.h"

namespace parapet::lists {
namespace {

constexpr Nanoseconds kDay = 86'400 * kNanosecondsPerSecond;
constexpr Nanoseconds kStart = kReleaseRealtimeNs + 30 * kDay;
constexpr Nanoseconds kTenYears = 3653 * kDay;

class JumpingClock final : public Clock {
 public:
  Nanoseconds monotonic_ns() const override { return monotonic; }
  Nanoseconds realtime_ns() const override { return realtime; }
  Nanoseconds boottime_ns() const override { return monotonic; }
  BootId boot_id() const override { return {}; }
  Nanoseconds monotonic = 5 * kNanosecondsPerSecond;
  Nanoseconds realtime = kStart;
};

class TrustedClockTest : public testing::Test {
 protected:
  TrustedClock make() { return {clock, folder.file("seen")}; }
  support::TempFolder folder;
  JumpingClock clock;
};

TEST_F(TrustedClockTest, PassesByTheClockOfTheBoot) {
  const auto trusted = make();
  clock.monotonic += kDay;
  EXPECT_EQ(trusted.now_realtime_ns(), kStart + kDay);
}

TEST_F(TrustedClockTest, AJumpWhileItRunsMovesNothing) {
  const auto trusted = make();
  clock.realtime = kStart + kTenYears;
  EXPECT_EQ(trusted.now_realtime_ns(), kStart);
  clock.realtime = kStart - kTenYears;
  EXPECT_EQ(trusted.now_realtime_ns(), kStart);
}

TEST_F(TrustedClockTest, AClockSetBackOverARestartGoesOnFromWhatWasSeen) {
  make().keep();
  clock.realtime = kStart - kTenYears;
  const auto trusted = make();
  EXPECT_EQ(trusted.now_realtime_ns(), kStart);
  EXPECT_FALSE(trusted.suspect());
}

TEST_F(TrustedClockTest, AClockTenYearsAheadAfterARestartIsNotBelieved) {
  make().keep();
  clock.realtime = kStart + kTenYears;
  const auto trusted = make();
  EXPECT_EQ(trusted.now_realtime_ns(), kStart);
  EXPECT_TRUE(trusted.suspect());
}

TEST_F(TrustedClockTest, MonthsWithoutPowerAreBelieved) {
  make().keep();
  clock.realtime = kStart + 200 * kDay;
  EXPECT_EQ(make().now_realtime_ns(), kStart + 200 * kDay);
}

TEST_F(TrustedClockTest, WithoutAnythingSeenItIsNoEarlierThanTheRelease) {
  clock.realtime = 0;
  EXPECT_EQ(make().now_realtime_ns(), kReleaseRealtimeNs);
}

TEST_F(TrustedClockTest, ASignatureMovesItAheadAndNeverBack) {
  auto trusted = make();
  trusted.raise_to(kStart + kDay);
  EXPECT_EQ(trusted.now_realtime_ns(), kStart + kDay);
  trusted.raise_to(kStart);
  EXPECT_EQ(trusted.now_realtime_ns(), kStart + kDay);
}

TEST_F(TrustedClockTest, WhatItSawIsWrittenOnceAnHour) {
  auto trusted = make();
  trusted.keep();
  const auto first = folder.read("seen");
  clock.monotonic += kDay / 25;
  trusted.keep();
  EXPECT_EQ(folder.read("seen"), first);
  clock.monotonic += kDay / 25;
  trusted.keep();
  EXPECT_NE(folder.read("seen"), first);
}

TEST_F(TrustedClockTest, AFileThatIsNoTimeSaysNothing) {
  folder.write("seen", "yesterday\n");
  EXPECT_EQ(make().now_realtime_ns(), kStart);
}

}  // namespace
}  // namespace parapet::lists
