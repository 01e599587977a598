// SPDX-License-Identifier: Apache-2.0
// Replacing a file leaves the old or the new one.
#include "base/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>

namespace parapet {
namespace {

class FileTest : public ::testing::Test {
 protected:
  FileTest() {
    char name[] = "/tmp/parapet-file-XXXXXX";
    folder_ = ::mkdtemp(name);
  }
  ~FileTest() override { std::filesystem::remove_all(folder_); }
  std::string path() const { return folder_ + "/target"; }
  std::size_t files_in_folder() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder_), {}));
  }
  std::string folder_;
};

TEST_F(FileTest, WhatWasReplacedIsReadBackWithItsMode) {
  ASSERT_TRUE(replace_file(path(), bytes_of("first"), 0600));
  ASSERT_TRUE(replace_file(path(), bytes_of("second"), 0640));
  EXPECT_EQ(text_of(*read_file(path(), 100)), "second");
  struct stat status{};
  ASSERT_EQ(::stat(path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0640u);
  EXPECT_EQ(files_in_folder(), 1u);
}

TEST_F(FileTest, ARefusedCheckLeavesTheOldFileAndNoTemporaryOne) {
  ASSERT_TRUE(replace_file(path(), bytes_of("old"), 0600));
  const auto status =
      replace_file(path(), bytes_of("new"), 0600, [](ByteView) -> Status { return fail(ErrorCode::integrity, "no"); });
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::integrity);
  EXPECT_EQ(text_of(*read_file(path(), 100)), "old");
  EXPECT_EQ(files_in_folder(), 1u);
}

TEST_F(FileTest, TheCheckSeesTheBytesAsWritten) {
  std::string seen;
  ASSERT_TRUE(replace_file(path(), bytes_of("abc"), 0600, [&](ByteView bytes) -> Status {
    seen = text_of(bytes);
    return {};
  }));
  EXPECT_EQ(seen, "abc");
}

TEST_F(FileTest, PiecesStandOneBehindTheOther) {
  const std::array pieces{bytes_of("head"), ByteView{}, bytes_of("body")};
  ASSERT_TRUE(replace_file(path(), pieces, 0600));
  EXPECT_EQ(text_of(*read_file(path(), 100)), "headbody");
  EXPECT_EQ(files_in_folder(), 1u);
  EXPECT_EQ(replace_file(path() + "/under", pieces, 0600).error().code, ErrorCode::io);
}

TEST_F(FileTest, ReadingNamesItsReasons) {
  EXPECT_EQ(read_file(path(), 10).error().code, ErrorCode::not_found);
  ASSERT_TRUE(replace_file(path(), bytes_of("0123456789a"), 0600));
  EXPECT_EQ(read_file(path(), 10).error().code, ErrorCode::limit);
  EXPECT_EQ(read_file(folder_, 10).error().code, ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace parapet
