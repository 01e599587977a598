// SPDX-License-Identifier: Apache-2.0
// The folder of archived versions: the last ten, private, under the current key.
#include "lists/archive/archive.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "sealed_list.h"
#include "temp_folder.h"

namespace parapet::lists {
namespace {

using support::archive_keys;
using support::key_bytes;

class ArchiveTest : public testing::Test {
 protected:
  Archive open(ArchiveKeys keys) {
    auto archive = Archive::open(folder.path(), std::move(keys));
    EXPECT_TRUE(archive) << archive.error().context;
    return std::move(*archive);
  }
  static Status keep(const Archive& archive, std::uint64_t number, const std::vector<support::ClearEntry>& entries) {
    const auto data_key = key_bytes(static_cast<std::uint8_t>(100 + number));
    const auto memory = support::memory_with(support::sealed_stream(data_key, entries));
    return archive.keep({"hotline", number}, 1, data_key, memory.get());
  }
  static std::vector<support::ClearEntry> entry(std::uint64_t id) {
    return {{id, id, "host:n" + std::to_string(id) + ".example.test"}};
  }

  support::TempFolder folder;
};

TEST_F(ArchiveTest, WhatIsKeptIsFoundInTheNewestVersionThatHasIt) {
  const auto archive = open(archive_keys(1));
  ASSERT_TRUE(keep(archive, 1, entry(1)));
  ASSERT_TRUE(keep(archive, 2, entry(2)));
  const auto gone = archive.find("hotline", EntryId{1});
  ASSERT_TRUE(gone) << gone.error().context;
  EXPECT_EQ(gone->number, 1u);
  EXPECT_EQ(gone->entry.canonical_text, "host:n1.example.test");
  EXPECT_EQ(archive.find("hotline", EntryId{2})->number, 2u);
  EXPECT_EQ(archive.find("hotline", EntryId{3}).error().code, ErrorCode::not_found);
  EXPECT_EQ(archive.find("other", EntryId{1}).error().code, ErrorCode::not_found);
  EXPECT_TRUE(archive.has({"hotline", 2}));
  EXPECT_FALSE(archive.has({"hotline", 3}));
}

TEST_F(ArchiveTest, FilesAndFoldersAreTheirOwnersAlone) {
  const auto archive = open(archive_keys(1));
  ASSERT_TRUE(keep(archive, 1, entry(1)));
  struct stat status{};
  for (const auto& [path, mode] :
       {std::pair{"archive", 0700u}, {"archive/hotline", 0700u}, {"archive/hotline/1", 0600u}}) {
    ASSERT_EQ(::stat(folder.file(path).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, mode) << path;
  }
}

TEST_F(ArchiveTest, TheLastTenVersionsAreKept) {
  const auto archive = open(archive_keys(1));
  for (std::uint64_t number = 1; number <= 13; ++number) ASSERT_TRUE(keep(archive, number, entry(number)));
  const auto numbers = archive.numbers_of("hotline");
  ASSERT_EQ(numbers.size(), kKeptVersions);
  EXPECT_EQ(numbers.front(), 13u);
  EXPECT_EQ(numbers.back(), 4u);
}

TEST_F(ArchiveTest, TheLinesOfEntriesAreToldWithoutTheirText) {
  const auto archive = open(archive_keys(1));
  ASSERT_TRUE(keep(archive, 1, entry(7)));
  const std::vector<EntryId> ids{EntryId{5}, EntryId{7}};
  const auto lines = archive.lines_of({"hotline", 1}, ids);
  ASSERT_TRUE(lines) << lines.error().context;
  ASSERT_EQ(lines->size(), 1u);
  EXPECT_EQ((*lines)[0].id, EntryId{7});
  EXPECT_EQ((*lines)[0].line, archive.find("hotline", EntryId{7})->entry.line);
  EXPECT_EQ(archive.lines_of({"hotline", 2}, ids).error().code, ErrorCode::not_found);
}

TEST_F(ArchiveTest, WhatWasNeverAcceptedGoes) {
  const auto archive = open(archive_keys(1));
  for (std::uint64_t number = 1; number <= 3; ++number) ASSERT_TRUE(keep(archive, number, entry(number)));
  archive.remove_after({"hotline", 2});
  EXPECT_EQ(archive.numbers_of("hotline"), (std::vector<std::uint64_t>{2, 1}));
  ASSERT_TRUE(keep(archive, 1, entry(9)));
  EXPECT_EQ(archive.numbers_of("hotline"), (std::vector<std::uint64_t>{1}));
  EXPECT_TRUE(archive.find("hotline", EntryId{9}));
}

TEST_F(ArchiveTest, HalfWrittenFilesGoAtStart) {
  ASSERT_TRUE(keep(open(archive_keys(1)), 1, entry(1)));
  folder.write("archive/hotline/2.tmp-77", "half");
  const auto archive = open(archive_keys(1));
  EXPECT_FALSE(folder.has("archive/hotline/2.tmp-77"));
  EXPECT_EQ(archive.numbers_of("hotline").size(), 1u);
}

TEST_F(ArchiveTest, VersionsThatChangedPlacesAreNoticed) {
  const auto archive = open(archive_keys(1));
  ASSERT_TRUE(keep(archive, 1, entry(1)));
  ASSERT_TRUE(keep(archive, 2, entry(2)));
  folder.write("archive/hotline/2", folder.read("archive/hotline/1"));
  EXPECT_EQ(archive.find("hotline", EntryId{1}).error().context,
            "version 2 of list hotline: archive: it is of another version");
}

TEST_F(ArchiveTest, AnotherKeyTakesOverAndTheOldOneCanGo) {
  ASSERT_TRUE(keep(open(archive_keys(1)), 1, entry(1)));
  EXPECT_EQ(open(archive_keys(2)).find("hotline", EntryId{1}).error().code, ErrorCode::integrity);
  const auto before = folder.read("archive/hotline/1");
  const auto both = open(archive_keys(2, {1}));
  EXPECT_TRUE(both.find("hotline", EntryId{1}));
  auto count = both.reseal();
  ASSERT_TRUE(count);
  EXPECT_EQ(count->resealed, 1u);
  EXPECT_EQ(both.reseal()->resealed, 0u) << "there is nothing left to do";
  const auto archive = open(archive_keys(2));
  EXPECT_EQ(archive.find("hotline", EntryId{1})->entry.canonical_text, "host:n1.example.test");
  EXPECT_EQ(folder.read("archive/hotline/1").size(), before.size());
  folder.write("archive/hotline/1", before);
  count = archive.reseal();
  EXPECT_EQ(count->closed, 1u) << "the key of this one is gone";
  EXPECT_EQ(folder.read("archive/hotline/1"), before);
}

TEST_F(ArchiveTest, WhatIsNoStreamIsNotKept) {
  const auto archive = open(archive_keys(1));
  const auto memory = support::memory_with(key_bytes(1));
  EXPECT_EQ(archive.keep({"hotline", 1}, 1, key_bytes(1), memory.get()).error().code, ErrorCode::malformed);
  EXPECT_TRUE(archive.numbers_of("hotline").empty());
}

}  // namespace
}  // namespace parapet::lists
