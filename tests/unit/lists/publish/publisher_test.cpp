// SPDX-License-Identifier: Apache-2.0
// Publication: strictly growing generations, nothing written when nothing is new, old or new at any moment.
#include "lists/publish/publisher.h"

#include <gtest/gtest.h>
#include <filesystem>

#include "digested.h"
#include "fake_clock.h"
#include "temp_folder.h"

namespace parapet::lists {
namespace {

using support::digested;
using support::kListKey;

constexpr Nanoseconds kDay = 86'400 * kNanosecondsPerSecond;
constexpr Nanoseconds kRight = 100 * kDay;  // where the fake clock is right: behind Parapet's release

class PublisherTest : public testing::Test {
 protected:
  PublisherTest() { clock.set_ahead_ns = kRight; }
  Publisher make() { return Publisher(folder.file("snapshot"), folder.file("generation"), kListKey, clock); }
  static std::vector<CompileInput> lists(std::string_view text,
                                         config::SourceState state = config::SourceState::enforce) {
    return {{state, std::make_shared<const DigestedList>(digested(text))}};
  }
  Publication publish(std::string_view text, Generation floor = 0) {
    auto publication = make().publish(lists(text), floor);
    EXPECT_TRUE(publication) << publication.error().context;
    return publication ? *publication : Publication{};
  }

  support::TempFolder folder;
  support::FakeClock clock;
};

TEST_F(PublisherTest, WhatIsPublishedCanBeOpened) {
  const auto publication = publish("a.example.test\n");
  EXPECT_TRUE(publication.changed);
  EXPECT_EQ(publication.generation, 1u);
  const auto published = make().published();
  ASSERT_TRUE(published) << published.error().context;
  EXPECT_EQ(published->generation, 1u);
  EXPECT_EQ(published->list_names, std::vector<std::string>{"hotline"});
  EXPECT_EQ(static_cast<unsigned>(std::filesystem::status(folder.file("snapshot")).permissions()), 0640u);
}

TEST_F(PublisherTest, UnchangedListsPublishNothingAlsoAfterARestart) {
  publish("a.example.test\n");
  const auto before = folder.read("snapshot");
  clock.now_ns += 5 * kNanosecondsPerSecond;
  const auto again = publish("a.example.test\na.example.test\n");
  EXPECT_FALSE(again.changed);
  EXPECT_EQ(again.generation, 1u);
  EXPECT_EQ(folder.read("snapshot"), before);
}

TEST_F(PublisherTest, AnotherStateIsAChange) {
  publish("a.example.test\n");
  const auto publication = make().publish(lists("a.example.test\n", config::SourceState::shadow), 0);
  ASSERT_TRUE(publication);
  EXPECT_TRUE(publication->changed);
  EXPECT_EQ(publication->generation, 2u);
}

TEST_F(PublisherTest, GenerationsGrowOverLostFilesAndAboveTheEdges) {
  publish("a.example.test\n");
  publish("b.example.test\n");
  std::filesystem::remove(folder.file("generation"));
  EXPECT_EQ(publish("c.example.test\n").generation, 3u);
  std::filesystem::remove(folder.file("snapshot"));
  EXPECT_EQ(publish("d.example.test\n").generation, 4u);
  std::filesystem::remove(folder.file("snapshot"));
  std::filesystem::remove(folder.file("generation"));
  EXPECT_EQ(publish("e.example.test\n", 9).generation, 10u);
}

TEST_F(PublisherTest, ADamagedSnapshotIsReplaced) {
  publish("a.example.test\n");
  auto bytes = folder.read("snapshot");
  bytes[300] = static_cast<char>(bytes[300] ^ 1);
  folder.write("snapshot", bytes);
  EXPECT_EQ(make().published().error().code, ErrorCode::integrity);
  EXPECT_EQ(publish("a.example.test\n").generation, 2u);
  EXPECT_TRUE(make().published());
}

TEST_F(PublisherTest, AFailedPublicationLeavesTheOldOne) {
  publish("a.example.test\n");
  const auto before = folder.read("snapshot");
  // The temporary file's place is taken by a folder, so it cannot be written.
  std::filesystem::create_directory(folder.file("snapshot.tmp-" + std::to_string(::getpid())));
  const auto publication = make().publish(lists("b.example.test\n"), 0);
  EXPECT_FALSE(publication);
  EXPECT_EQ(folder.read("snapshot"), before);
}

TEST_F(PublisherTest, ASnapshotBearsTheMomentOfItsMaking) {
  publish("a.example.test\n");
  const auto created = make().published()->created;
  EXPECT_EQ(created.realtime_ns, clock.realtime_ns());
  EXPECT_EQ(created.boottime_ns, clock.boottime_ns());
  EXPECT_EQ(created.boot, clock.boot);
  EXPECT_TRUE(created.clock_agreed);
}

TEST_F(PublisherTest, AClockFarAheadIsNotBelievedAndSaid) {
  EXPECT_TRUE(publish("a.example.test\n").clock_believed);
  clock.now_ns += kDay;
  const Nanoseconds right = clock.realtime_ns();
  clock.set_ahead_ns = kRight + 3650 * kDay;
  const auto publication = publish("b.example.test\n");
  EXPECT_TRUE(publication.changed);
  EXPECT_FALSE(publication.clock_believed);
  EXPECT_EQ(make().published()->created.realtime_ns, right);
  clock.set_ahead_ns = kRight - kNanosecondsPerSecond;
  EXPECT_TRUE(publish("a.example.test\n").clock_believed) << "a second is no jump";
  EXPECT_EQ(make().published()->created.realtime_ns, right);
  clock.set_ahead_ns = kRight - 3650 * kDay;
  EXPECT_FALSE(publish("c.example.test\n").clock_believed);
  EXPECT_EQ(make().published()->created.realtime_ns, right);
}

TEST_F(PublisherTest, AClockThatIsPutRightIsAPublicationOfItsOwn) {
  auto publisher = make();
  ASSERT_TRUE(publisher.publish(lists("a.example.test\n"), 0));
  EXPECT_FALSE(publisher.clock_has_moved());
  clock.now_ns += 400 * kDay;
  EXPECT_FALSE(publisher.clock_has_moved()) << "time that passes is no jump";
  clock.set_ahead_ns = kRight + 59 * kNanosecondsPerSecond;
  EXPECT_FALSE(publisher.clock_has_moved());
  clock.set_ahead_ns = kRight + kDay;
  EXPECT_TRUE(publisher.clock_has_moved());
  EXPECT_TRUE(publisher.publish(lists("a.example.test\n"), 0)->changed);
  EXPECT_FALSE(publisher.clock_has_moved());
  clock.set_ahead_ns = kRight + 3650 * kDay;
  EXPECT_FALSE(publisher.clock_has_moved());
  EXPECT_FALSE(publisher.publish(lists("a.example.test\n"), 0)->changed);
}

TEST_F(PublisherTest, AfterARebootTheTimeSwitchedOffIsPublished) {
  publish("a.example.test\n");
  clock.reboot(2 * kDay);
  const auto publication = publish("a.example.test\n");
  EXPECT_TRUE(publication.changed);
  EXPECT_EQ(make().published()->created.boot, clock.boot);
  EXPECT_EQ(make().published()->created.realtime_ns, clock.realtime_ns());
}

TEST_F(PublisherTest, StandingIsPublishedAndAChangeOfItIsAChange) {
  publish("a.example.test\n");
  auto inputs = lists("a.example.test\n");
  inputs[0].standing.ends_s = 2'000'000'000;
  inputs[0].standing.exempt = {{{7}, {}}};
  inputs[0].shadow_from_s = 1'900'000'000;
  const auto publication = make().publish(inputs, 0);
  ASSERT_TRUE(publication) << publication.error().context;
  EXPECT_TRUE(publication->changed);
  EXPECT_EQ(make().published()->shadow_from_s, std::vector<std::uint32_t>{1'900'000'000});
  EXPECT_FALSE(make().publish(inputs, 0)->changed);
}

TEST(ShadowFrom, IsToldInEighthsOfTheTimeAndOnlyWhereAListGoesToShadow) {
  config::StandingOptions standing;
  standing.max_stale_s = 800;
  EXPECT_EQ(shadow_from_s(standing, 5000 * kNanosecondsPerSecond), 0u);
  standing.is_shadow_when_stale = true;
  EXPECT_EQ(shadow_from_s(standing, 5000 * kNanosecondsPerSecond), 5800u);
  EXPECT_EQ(shadow_from_s(standing, 5099 * kNanosecondsPerSecond), 5800u);
  EXPECT_EQ(shadow_from_s(standing, 5100 * kNanosecondsPerSecond), 5900u);
  EXPECT_EQ(shadow_from_s(standing, UINT64_MAX), UINT32_MAX);
}

TEST_F(PublisherTest, AnEmptySetOfListsCanBePublished) {
  publish("a.example.test\n");
  const auto publication = make().publish({}, 0);
  ASSERT_TRUE(publication) << publication.error().context;
  EXPECT_TRUE(make().published()->list_names.empty());
}

}  // namespace
}  // namespace parapet::lists
