// SPDX-License-Identifier: Apache-2.0
// Credentials come from one line of a file that nobody else can read.
#include <gtest/gtest.h>

#include "lists/fetch/fetch.h"
#include "temp_folder.h"

namespace parapet::lists {
namespace {

TEST(Credentials, AreOneLineWithoutItsEnd) {
  const support::TempFolder folder;
  EXPECT_EQ(read_credentials(folder.write("a", "user:pass word\n"), Authorization::basic), "user:pass word");
  EXPECT_EQ(read_credentials(folder.write("b", "token"), Authorization::bearer), "token");
}

TEST(Credentials, OfAFileThatOthersCanReadAreRefused) {
  const support::TempFolder folder;
  const auto secret = read_credentials(folder.write("a", "user:pass", 0640), Authorization::basic);
  ASSERT_FALSE(secret);
  EXPECT_EQ(secret.error().code, ErrorCode::permission);
}

TEST(Credentials, ThatAreNoneAreRefusedWithoutRepeatingThem) {
  const support::TempFolder folder;
  for (const std::string_view text : {"", "\n", "no colon", "two:\nlines", "nul:\x01"}) {
    const auto secret = read_credentials(folder.write("a", text), Authorization::basic);
    ASSERT_FALSE(secret) << text;
    EXPECT_EQ(secret.error().code, ErrorCode::malformed);
    EXPECT_EQ(secret.error().context.find("no colon"), std::string::npos);
  }
  EXPECT_EQ(read_credentials(folder.file("missing"), Authorization::bearer).error().code, ErrorCode::not_found);
  EXPECT_EQ(read_credentials(folder.path(), Authorization::bearer).error().code, ErrorCode::malformed);
}

}  // namespace
}  // namespace parapet::lists
