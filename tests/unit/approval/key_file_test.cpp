// SPDX-License-Identifier: Apache-2.0
// Key files: written once, read by their owner alone.
#include "approval/key_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "temp_folder.h"

namespace parapet::approval {
namespace {

class KeyFile : public testing::Test {
 protected:
  support::TempFolder folder;
  std::string path = folder.file("anna.key");
};

TEST_F(KeyFile, IsReadBack) {
  const auto pair = make_key_pair();
  ASSERT_TRUE(write_key_file(path, {"anna", pair.seed}));
  const auto key = read_key_file(path);
  ASSERT_TRUE(key) << key.error().context;
  EXPECT_EQ(key->name, "anna");
  EXPECT_EQ(public_key_of(key->seed), pair.public_key);
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0600u);
}

TEST_F(KeyFile, IsNeverOverwritten) {
  ASSERT_TRUE(write_key_file(path, {"anna", make_key_pair().seed}));
  EXPECT_EQ(write_key_file(path, {"anna", make_key_pair().seed}).error().code, ErrorCode::refused);
}

TEST_F(KeyFile, ThatOthersCanReadIsRefused) {
  ASSERT_TRUE(write_key_file(path, {"anna", make_key_pair().seed}));
  ::chmod(path.c_str(), 0640);
  EXPECT_EQ(read_key_file(path).error().code, ErrorCode::permission);
}

TEST_F(KeyFile, ThatIsNoneIsRefused) {
  ASSERT_TRUE(write_key_file(path, {"anna", make_key_pair().seed}));
  const auto whole = folder.read("anna.key");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    folder.write("cut.key", whole.substr(0, size));
    EXPECT_EQ(read_key_file(folder.file("cut.key")).error().code, ErrorCode::malformed) << size;
  }
  EXPECT_EQ(read_key_file(folder.file("none.key")).error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace parapet::approval
