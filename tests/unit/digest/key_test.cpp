// SPDX-License-Identifier: Apache-2.0
// Keys are made once, kept to their owner, and refused with a reason.
#include "digest/key.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "base/file.h"

namespace parapet::digest {
namespace {

class KeyTest : public ::testing::Test {
 protected:
  KeyTest() {
    char name[] = "/tmp/parapet-key-XXXXXX";
    folder_ = ::mkdtemp(name);
    path_ = folder_ + "/digest.key";
  }
  ~KeyTest() override { std::filesystem::remove_all(folder_); }
  std::string folder_, path_;
};

TEST_F(KeyTest, IsMadeOnceAndFoundAgain) {
  const auto made = StoredKey::load_or_create(path_);
  ASSERT_TRUE(made);
  const auto found = StoredKey::load(path_);
  ASSERT_TRUE(found);
  EXPECT_EQ(key_id(made->key()), key_id(found->key()));
  struct stat status{};
  ::stat(path_.c_str(), &status);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  const auto other = StoredKey::random();
  EXPECT_NE(key_id(made->key()), key_id(other->key()));
}

TEST_F(KeyTest, RefusesWhatOthersCanReadOrIsNoKey) {
  EXPECT_EQ(StoredKey::load(path_).error().code, ErrorCode::not_found);
  const std::uint8_t bytes[16] = {1};
  ASSERT_TRUE(replace_file(path_, bytes, 0640));
  EXPECT_EQ(StoredKey::load(path_).error().code, ErrorCode::permission);
  ASSERT_TRUE(replace_file(path_, ByteView(bytes).first(15), 0600));
  EXPECT_EQ(StoredKey::load(path_).error().code, ErrorCode::malformed);
  const std::uint8_t zeros[16] = {};
  ASSERT_TRUE(replace_file(path_, zeros, 0600));
  EXPECT_EQ(StoredKey::load(path_).error().code, ErrorCode::malformed);
  EXPECT_EQ(StoredKey::load_or_create(path_).error().code, ErrorCode::malformed) << "a bad key is never overwritten";
}

TEST(Checksum, EveryByteAndTheLengthCount) {
  const Key key{1, 2};
  std::uint8_t bytes[40] = {};
  const auto plain = checksum(key, bytes);
  EXPECT_NE(plain, checksum(key, ByteView(bytes).first(39)));
  for (auto& byte : bytes) {
    byte ^= 1;
    EXPECT_NE(plain, checksum(key, bytes));
    byte ^= 1;
  }
  EXPECT_NE(plain, checksum(Key{1, 3}, bytes));
}

}  // namespace
}  // namespace parapet::digest
