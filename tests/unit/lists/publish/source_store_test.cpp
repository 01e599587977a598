// SPDX-License-Identifier: Apache-2.0
// The last good version of each source survives, and nobody else can read it.
#include "lists/publish/source_store.h"

#include <gtest/gtest.h>
#include <filesystem>

#include "digested.h"
#include "temp_folder.h"

namespace parapet::lists {
namespace {

using support::digested;
using support::kListKey;

unsigned mode_of(const std::string& path) { return static_cast<unsigned>(std::filesystem::status(path).permissions()); }

TEST(SourceStore, KeepsTheLastVersionForItsOwnerAlone) {
  const support::TempFolder folder;
  const auto store = SourceStore::open(folder.file("state"), kListKey);
  ASSERT_TRUE(store) << store.error().context;
  EXPECT_EQ(store->load("hotline").error().code, ErrorCode::not_found);
  ASSERT_TRUE(store->store(digested("a.example.test\n")));
  ASSERT_TRUE(store->store(digested("b.example.test\n")));
  const auto list = store->load("hotline");
  ASSERT_TRUE(list) << list.error().context;
  EXPECT_EQ(list->entries, digested("b.example.test\n").entries);
  EXPECT_EQ(mode_of(folder.file("state")), 0700u);
  EXPECT_EQ(mode_of(folder.file("state/lists")), 0700u);
  EXPECT_EQ(mode_of(folder.file("state/lists/hotline")), 0600u);
}

TEST(SourceStore, DamagedAndForeignFilesAreNamed) {
  const support::TempFolder folder;
  const auto store = SourceStore::open(folder.file("state"), kListKey);
  ASSERT_TRUE(store);
  folder.write("state/lists/hotline", "rubbish");
  EXPECT_EQ(store->load("hotline").error().code, ErrorCode::malformed);
  ASSERT_TRUE(store->store(digested("a.example.test\n", "other")));
  std::filesystem::rename(folder.file("state/lists/other"), folder.file("state/lists/hotline"));
  EXPECT_EQ(store->load("hotline").error().code, ErrorCode::integrity);
}

TEST(SourceStore, WhatAKilledProcessLeftIsRemovedAndNothingElse) {
  const support::TempFolder folder;
  for (const auto* name : {"snapshot", "snapshot.tmp-1", "snapshot.tmp-4711", "snapshot.tmp", "other.tmp-1"})
    folder.write(name, "x");
  remove_unfinished(folder.file("snapshot"));
  EXPECT_FALSE(std::filesystem::exists(folder.file("snapshot.tmp-1")));
  EXPECT_FALSE(std::filesystem::exists(folder.file("snapshot.tmp-4711")));
  for (const auto* name : {"snapshot", "snapshot.tmp", "other.tmp-1"}) {
    EXPECT_TRUE(std::filesystem::exists(folder.file(name))) << name;
  }
  remove_unfinished(folder.file("no/such/folder"));
}

TEST(SourceStore, ASecondProcessIsRefused) {
  const support::TempFolder folder;
  const auto first = SourceStore::open(folder.file("state"), kListKey);
  ASSERT_TRUE(first);
  const auto second = SourceStore::open(folder.file("state"), kListKey);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::refused);
}

TEST(SourceStore, AFolderThatCannotBeMadeIsNamed) {
  const support::TempFolder folder;
  EXPECT_EQ(SourceStore::open(folder.file("a/b/c"), kListKey).error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace parapet::lists
