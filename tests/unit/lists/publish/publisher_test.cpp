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

class PublisherTest : public testing::Test {
 protected:
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

TEST_F(PublisherTest, AnEmptySetOfListsCanBePublished) {
  publish("a.example.test\n");
  const auto publication = make().publish({}, 0);
  ASSERT_TRUE(publication) << publication.error().context;
  EXPECT_TRUE(make().published()->list_names.empty());
}

}  // namespace
}  // namespace parapet::lists
