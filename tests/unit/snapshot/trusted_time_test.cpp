// SPDX-License-Identifier: Apache-2.0
// No clock that somebody sets ends a list early or revives one that has ended.
#include "snapshot/trusted_time.h"

#include <gtest/gtest.h>

#include "fake_clock.h"

namespace parapet::snapshot {
namespace {

using support::FakeClock;

constexpr Nanoseconds kSecond = kNanosecondsPerSecond, kDay = 86'400 * kSecond, kYear = 365 * kDay;

// A clock that was right when the snapshot was made; then one test each for what happens to it.
class TrustedTime : public testing::Test {
 protected:
  TrustedTime() : created_(next_moment(nullptr, Moment::now(clock_), 0)), begin_ns_(created_.realtime_ns) {}

  // What a reader that starts now takes the time to be, counted from the snapshot's making.
  Nanoseconds since_creation() const { return time_at_load(created_, Moment::now(clock_)) - begin_ns_; }
  void republish() { created_ = next_moment(&created_, Moment::now(clock_), 0); }

  FakeClock clock_;
  Moment created_;
  Nanoseconds begin_ns_;
};

TEST_F(TrustedTime, RunsOnWithTheBoot) {
  EXPECT_TRUE(created_.clock_agreed);
  clock_.now_ns += 400 * kDay;
  EXPECT_EQ(since_creation(), 400 * kDay);
}

TEST_F(TrustedTime, WithinABootTheWallClockHasNoSay) {
  clock_.now_ns += kDay;
  for (const Nanoseconds jump : {10 * kYear, kDay, kSecond, Nanoseconds{0} - kDay, Nanoseconds{0} - 10 * kYear}) {
    clock_.set_ahead_ns = jump;
    EXPECT_EQ(since_creation(), kDay);
  }
}

TEST_F(TrustedTime, AfterARebootTheWallClockTellsHowLongTheBoxWasOff) {
  clock_.now_ns += kDay;
  clock_.reboot(3 * kDay);
  EXPECT_EQ(since_creation(), 4 * kDay + kSecond);
}

TEST_F(TrustedTime, AfterARebootAClockFarAheadEndsNothing) {
  clock_.reboot(kSecond);
  clock_.set_ahead_ns += 10 * kYear;
  EXPECT_EQ(since_creation(), kSecond);
  clock_.now_ns += 5 * kDay;
  EXPECT_EQ(since_creation(), 5 * kDay + kSecond) << "the time that this boot has run counts";
}

TEST_F(TrustedTime, AfterARebootAClockSetBackRevivesNothing) {
  clock_.now_ns += kDay;
  republish();
  clock_.reboot(kSecond);
  clock_.set_ahead_ns -= 20 * kYear;
  EXPECT_EQ(since_creation(), kDay + kSecond);
}

TEST_F(TrustedTime, ASnapshotWithoutABootLeavesItsMakingAsTheFloor) {
  created_.boot = {};
  clock_.set_ahead_ns -= kYear;
  EXPECT_EQ(since_creation(), 0u);
  clock_.set_ahead_ns += kYear + kDay;
  EXPECT_EQ(since_creation(), kDay);
}

TEST_F(TrustedTime, TheNextSnapshotNeverBearsAnEarlierTime) {
  clock_.now_ns += kDay;
  clock_.set_ahead_ns -= kYear;
  republish();
  EXPECT_EQ(created_.realtime_ns, begin_ns_ + kDay);
  EXPECT_TRUE(created_.clock_agreed);
}

TEST_F(TrustedTime, TheNextSnapshotFollowsAClockThatIsALittleAhead) {
  clock_.set_ahead_ns += 5 * kDay;
  republish();
  EXPECT_EQ(created_.realtime_ns, begin_ns_ + 5 * kDay);
}

TEST_F(TrustedTime, TheNextSnapshotDoesNotFollowAClockFarAhead) {
  clock_.now_ns += kDay;
  clock_.set_ahead_ns += 10 * kYear;
  republish();
  EXPECT_EQ(created_.realtime_ns, begin_ns_ + kDay);
}

TEST_F(TrustedTime, SignaturesMoveItWhereTheClockMayNot) {
  const Nanoseconds proven = begin_ns_ + 90 * kDay;
  clock_.reboot(90 * kDay);
  const Moment next = next_moment(&created_, Moment::now(clock_), proven);
  EXPECT_EQ(next.realtime_ns, clock_.realtime_ns()) << "90 days and a second: believed beside the proof";
  clock_.set_ahead_ns += 10 * kYear;
  EXPECT_EQ(next_moment(&created_, Moment::now(clock_), proven).realtime_ns, proven);
}

// A box without a battery: its first snapshot bears the time of Parapet's release, until the clock is set.
TEST_F(TrustedTime, AClockThatWasNeverRightMaySetTheTimeOnce) {
  const Nanoseconds floor = clock_.realtime_ns() + 100 * kDay;
  created_ = next_moment(nullptr, Moment::now(clock_), floor);
  EXPECT_EQ(created_.realtime_ns, floor);
  EXPECT_FALSE(created_.clock_agreed);
  clock_.set_ahead_ns += kYear;
  created_ = next_moment(&created_, Moment::now(clock_), floor);
  EXPECT_EQ(created_.realtime_ns, clock_.realtime_ns());
  EXPECT_TRUE(created_.clock_agreed);
  const Nanoseconds right = clock_.realtime_ns();
  clock_.set_ahead_ns += 10 * kYear;
  EXPECT_EQ(next_moment(&created_, Moment::now(clock_), floor).realtime_ns, right);
}

TEST_F(TrustedTime, SecondsEndWhereThirtyTwoBitsDo) {
  EXPECT_EQ(seconds_of(7 * kSecond + 999'999'999), 7u);
  EXPECT_EQ(seconds_of(UINT64_MAX), UINT32_MAX);
}

}  // namespace
}  // namespace parapet::snapshot
