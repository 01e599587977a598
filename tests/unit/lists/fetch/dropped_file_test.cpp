// SPDX-License-Identifier: Apache-2.0
// Dropped files: whole or not at all, and never while somebody writes them.
#include "lists/fetch/dropped_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>
#include <ctime>
#include <filesystem>
#include <thread>

#include "temp_folder.h"

namespace parapet::lists {
namespace {

class DroppedFileTest : public testing::Test {
 protected:
  DroppedFileTest() {
    request.path = folder.file("list.txt");
    request.deadline_ms = 3000;
  }
  // As if it had been written long ago.
  void write(std::string_view name, std::string_view text) {
    const auto path = folder.write(name, text);
    const timespec times[2] = {{1'790'000'000, 0}, {1'790'000'000, 7}};
    ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
  }
  Error error() const {
    const auto outcome = fetch_feed(request);
    EXPECT_FALSE(outcome);
    return outcome ? Error{} : outcome.error();
  }

  support::TempFolder folder;
  FetchRequest request;
};

TEST_F(DroppedFileTest, BringsTheListAndWhatItIsKnownBy) {
  write("list.txt", "a.example.test\n");
  const auto outcome = fetch_feed(request);
  ASSERT_TRUE(outcome) << outcome.error().context;
  const auto& feed = std::get<RawFeed>(*outcome);
  EXPECT_EQ(text_of(feed.bytes), "a.example.test\n");
  EXPECT_EQ(feed.head.declared_size, 15);
  EXPECT_TRUE(feed.head.end_is_marked);
  EXPECT_EQ(feed.head.last_modified_realtime_ns, 1'790'000'000'000'000'007u);
  request.etag = feed.head.etag;
  const auto again = fetch_feed(request);
  ASSERT_TRUE(again);
  EXPECT_TRUE(std::holds_alternative<NotModified>(*again));
  write("list.txt", "b.example.test\nc.example.test\n");
  EXPECT_TRUE(std::holds_alternative<RawFeed>(*fetch_feed(request)));
}

TEST_F(DroppedFileTest, IsNotReadWhileSomebodyHasItOpenForWriting) {
  write("list.txt", "a.example.test\n");
  const Fd writer(::open(request.path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
  EXPECT_EQ(error().code, ErrorCode::unavailable);
  EXPECT_EQ(error().context, request.path + " is open for writing");
}

TEST_F(DroppedFileTest, IsWaitedForWhileItChanges) {
  folder.write("list.txt", "a.example.test\n");
  {
    std::jthread writer([this] {
      std::this_thread::sleep_for(std::chrono::milliseconds(kSettleMs / 2));  // it changes while it is waited for
      const Fd fd(::open(request.path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
      EXPECT_EQ(::write(fd.get(), "b.example.test\n", 15), 15);
    });
    const auto outcome = fetch_feed(request);
    ASSERT_TRUE(outcome) << outcome.error().context;
    EXPECT_EQ(text_of(std::get<RawFeed>(*outcome).bytes), "a.example.test\nb.example.test\n");
  }
  folder.write("list.txt", "c.example.test\n");
  request.deadline_ms = 10;
  EXPECT_EQ(error().code, ErrorCode::timeout);
}

TEST_F(DroppedFileTest, OtherThingsInItsPlaceAreNamed) {
  EXPECT_EQ(error().code, ErrorCode::not_found);
  std::filesystem::create_directory(request.path);
  EXPECT_EQ(error().code, ErrorCode::malformed);
  std::filesystem::remove(request.path);
  write("elsewhere", "a.example.test\n");
  std::filesystem::create_symlink(folder.file("elsewhere"), request.path);
  EXPECT_EQ(error().code, ErrorCode::refused);
  std::filesystem::remove(request.path);
  write("list.txt", "a.example.test\n");
  request.max_size_bytes = 14;
  EXPECT_EQ(error().code, ErrorCode::limit);
}

TEST_F(DroppedFileTest, ItsSignatureStandsBesideIt) {
  write("list.txt", "a.example.test\n");
  request.signature_path = folder.file("list.txt.minisig");
  EXPECT_EQ(error().code, ErrorCode::not_found);
  EXPECT_TRUE(error().context.starts_with("the signature: ")) << error().context;
  folder.write("list.txt.minisig", "signed\n");
  EXPECT_EQ(std::get<RawFeed>(*fetch_feed(request)).head.signature, "signed\n");
}

TEST_F(DroppedFileTest, AWatchTellsWhatIsPutThereAndFinished) {
  const auto watch = DropWatch::open(request.path);
  ASSERT_TRUE(watch) << watch.error().context;
  EXPECT_FALSE(watch->take_events());
  folder.write("other.txt", "x");
  EXPECT_FALSE(watch->take_events()) << "another file";
  {
    const Fd writer(::open(request.path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    EXPECT_EQ(::write(writer.get(), "a", 1), 1);
    EXPECT_FALSE(watch->take_events()) << "not finished";
  }
  EXPECT_TRUE(watch->take_events());
  EXPECT_FALSE(watch->take_events()) << "told once";
  std::filesystem::rename(folder.file("other.txt"), request.path);
  EXPECT_TRUE(watch->take_events()) << "put there";
  folder.write("list.txt.minisig", "x");
  EXPECT_TRUE(watch->take_events()) << "its signature";
  EXPECT_EQ(DropWatch::open(folder.file("missing/list.txt")).error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace parapet::lists
