// SPDX-License-Identifier: Apache-2.0
// What no list may do.
#include "lists/guard/guard.h"

#include <gtest/gtest.h>

namespace parapet::lists {
namespace {

using canon::EntryKind;

Status guard(EntryKind kind, std::string host, std::string path = "") {
  return guard_entry({kind, std::move(host), 0, std::move(path), ""});
}

TEST(Guard, NamesOfOneLabelAreNoHostOrDomainEntries) {
  EXPECT_EQ(guard(EntryKind::domain, "test").error().code, ErrorCode::refused);
  EXPECT_EQ(guard(EntryKind::host, "test").error().code, ErrorCode::refused);
  EXPECT_TRUE(guard(EntryKind::domain, "example.test"));
}

TEST(Guard, AddressesAreNoHostOrDomainEntries) {
  EXPECT_EQ(guard(EntryKind::host, "192.0.2.1").error().code, ErrorCode::refused);
  EXPECT_EQ(guard(EntryKind::domain, "[2001:db8::1]").error().code, ErrorCode::refused);
  EXPECT_TRUE(guard(EntryKind::url, "192.0.2.1", "/a"));
}

TEST(Guard, ReasonsNeverRepeatTheEntry) {
  EXPECT_EQ(guard(EntryKind::host, "secret").error().context.find("secret"), std::string::npos);
}

TEST(Guard, EmptyListsAreRefusedUnlessExpected) {
  EXPECT_EQ(guard_list(0, false).error().code, ErrorCode::refused);
  EXPECT_TRUE(guard_list(0, true));
  EXPECT_TRUE(guard_list(kMaxEntries, false));
  EXPECT_EQ(guard_list(kMaxEntries + 1, false).error().code, ErrorCode::limit);
}

}  // namespace
}  // namespace parapet::lists
