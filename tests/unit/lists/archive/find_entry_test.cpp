// SPDX-License-Identifier: Apache-2.0
// What was sealed is found; whatever was changed, cut, moved or swapped is an error.
#include "lists/archive/find_entry.h"

#include <gtest/gtest.h>
#include <random>

#include "lists/archive/format.h"
#include "sealed_list.h"

namespace parapet::lists {
namespace {

using support::archive_keys;
using support::ClearEntry;
using support::sealed_list;
using support::SealedBytes;

const ArchivedVersion kVersion{"hotline", 7};
constexpr std::size_t kChunksBegin = sizeof(SealedHead) + kStreamHeader;

std::vector<ClearEntry> many_entries(std::size_t count, std::size_t extra_length = 0) {
  std::vector<ClearEntry> entries;
  for (std::size_t i = 0; i < count; ++i) {
    entries.push_back(
        {i + 1, 2 * i + 1, "host:n" + std::to_string(i) + std::string(extra_length, 'x') + ".example.test"});
  }
  return entries;
}

Result<ArchivedEntry> found(const SealedBytes& file, std::uint64_t id, const ArchiveKeys& keys) {
  return find_entry(file, kVersion, keys, EntryId{id});
}

TEST(FindEntry, EveryEntryIsFoundWithItsLine) {
  const auto keys = archive_keys(1);
  const auto entries = many_entries(3000);  // three chunks
  const auto file = sealed_list(kVersion, entries, keys.current);
  ASSERT_GT(file.size(), kChunksBegin + kSealedChunk);
  for (const auto& entry : {entries.front(), entries[1499], entries[1600], entries.back()}) {
    const auto back = found(file, entry.id, keys);
    ASSERT_TRUE(back) << back.error().context;
    EXPECT_EQ(back->canonical_text, entry.text);
    EXPECT_EQ(back->line, entry.line);
  }
  EXPECT_EQ(found(file, 3001, keys).error().code, ErrorCode::not_found);
}

TEST(FindEntry, EntriesGoOnAcrossChunksOfAnyFilling) {
  const auto keys = archive_keys(1);
  for (std::size_t size = kChunk - 2 * kEntryHead - 2; size <= kChunk + 2; ++size) {
    const std::vector<ClearEntry> entries{{1, 1, std::string(size - kEntryHead, 'a')}, {2, 2, "host:b.example.test"}};
    const auto file = sealed_list(kVersion, entries, keys.current);
    EXPECT_EQ(found(file, 1, keys)->canonical_text, entries[0].text) << size;
    EXPECT_EQ(found(file, 2, keys)->canonical_text, entries[1].text) << size;
    const auto alone = sealed_list(kVersion, {entries[0]}, keys.current);
    EXPECT_EQ(found(alone, 1, keys)->canonical_text, entries[0].text) << size;
  }
}

TEST(FindEntry, AnEmptyListAndTheLongestTextAreSealedToo) {
  const auto keys = archive_keys(1);
  const auto empty = sealed_list(kVersion, {}, keys.current);
  EXPECT_EQ(empty.size(), kChunksBegin + kChunkOverhead);
  EXPECT_EQ(found(empty, 1, keys).error().code, ErrorCode::not_found);
  const std::string longest(kMaxEntryText, 'u');
  EXPECT_EQ(found(sealed_list(kVersion, {{1, 1, longest}, {2, 2, longest}}, keys.current), 2, keys)->canonical_text,
            longest);
}

// Written once by this code, of version 1.0 of the format: what was sealed years ago still opens.
constexpr std::string_view kGolden =
    "5052505441524356010000009000000007000000000000000700000000000000686f746c696e65000000000000000000000000000000000000"
    "00"
    "0000000000006299a1c92bbbde76a338397437e687e9258f17a853a1cff5ed11c5bf6599a6ca05fb8b3a073ecbd7502e351df01aba64216b2b"
    "76"
    "8e16cc56c8850bfb38e2675324acb469a19c803b9fcaeb803579abf18a0cba8768c24d8a927fa082416667d1c23f3aad79a02d7155d813e3d9"
    "06"
    "24ddd482982603e3dd0d4f280ef18712872847f1d03fc1bc250516f68b495455834901a7097282b083b2d9d765511ac4e2b68885b7e79fd7f9"
    "95"
    "2c3ca060f7182659d6dbf303d58acbf3a2db785562f0f9da9f1a8849b1f54141a13e";

TEST(FindEntry, GoldenBytesOpen) {
  SealedBytes file(kGolden.size() / 2);
  for (std::size_t i = 0; i < file.size(); ++i) {
    file[i] = static_cast<std::uint8_t>(std::stoul(std::string(kGolden.substr(2 * i, 2)), nullptr, 16));
  }
  const auto keys = archive_keys(1);
  const auto one = found(file, 0x0123456789abcdef, keys);
  ASSERT_TRUE(one) << one.error().context;
  EXPECT_EQ(one->canonical_text, "domain:a.example.test");
  EXPECT_EQ(one->line, 3u);
  const auto other = found(file, 0xfedcba9876543210, keys);
  ASSERT_TRUE(other);
  EXPECT_EQ(other->canonical_text, "url:b.example.test:0/x?y");
  EXPECT_EQ(other->line, 5u);
}

TEST(FindEntry, NothingListedStandsInTheFile) {
  const auto keys = archive_keys(1);
  const auto file = sealed_list(kVersion, many_entries(10), keys.current);
  EXPECT_FALSE(text_of(file).contains("example"));
  EXPECT_FALSE(text_of(file).contains("host:"));
}

TEST(FindEntry, ACutFileIsRefusedWhereverItIsCut) {
  const auto keys = archive_keys(1);
  const auto file = sealed_list(kVersion, many_entries(4000), keys.current);
  ASSERT_GT(file.size(), kChunksBegin + 2 * kSealedChunk);
  std::vector<std::size_t> sizes{0,
                                 1,
                                 sizeof(SealedHead),
                                 kChunksBegin,
                                 kChunksBegin + kChunkOverhead,
                                 kChunksBegin + kSealedChunk,
                                 kChunksBegin + 2 * kSealedChunk,
                                 file.size() - 1};
  std::minstd_rand random{1};
  for (int i = 0; i < 200; ++i) sizes.push_back(random() % file.size());
  for (const auto size : sizes) {
    const auto back = found({file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size)}, 1, keys);
    ASSERT_FALSE(back) << size;
    EXPECT_NE(back.error().code, ErrorCode::not_found) << size;
  }
}

TEST(FindEntry, ACutWhereAChunkAndAnEntryEndIsNoticedByTheFinalTag) {
  const auto keys = archive_keys(1);
  const std::string fills_a_chunk(kChunk - kEntryHead, 'a');
  auto file = sealed_list(kVersion, {{1, 1, fills_a_chunk}, {2, 2, fills_a_chunk}}, keys.current);
  ASSERT_TRUE(found(file, 1, keys));
  file.resize(kChunksBegin + kSealedChunk);
  EXPECT_EQ(found(file, 1, keys).error().context, "archive: chunk 1 was changed or moved, or it was cut short there");
}

TEST(FindEntry, MovedDoubledAndForeignChunksAreRefused) {
  const auto keys = archive_keys(1);
  const auto file = sealed_list(kVersion, many_entries(4000), keys.current);
  const auto chunk = [&](std::size_t number) {
    return file.begin() + static_cast<std::ptrdiff_t>(kChunksBegin + number * kSealedChunk);
  };
  auto moved = file;
  std::swap_ranges(moved.begin() + (chunk(0) - file.begin()), moved.begin() + (chunk(1) - file.begin()),
                   moved.begin() + (chunk(1) - file.begin()));
  EXPECT_EQ(found(moved, 1, keys).error().context, "archive: chunk 1 was changed or moved, or it was cut short there");
  auto doubled = file;
  doubled.insert(doubled.begin() + (chunk(1) - file.begin()), chunk(0), chunk(1));
  EXPECT_EQ(found(doubled, 1, keys).error().code, ErrorCode::integrity);
  auto left_out = file;
  left_out.erase(left_out.begin() + (chunk(0) - file.begin()), left_out.begin() + (chunk(1) - file.begin()));
  EXPECT_EQ(found(left_out, 1, keys).error().code, ErrorCode::integrity);
  auto other = sealed_list(kVersion, many_entries(4000), keys.current, 150);  // the same entries under another data key
  std::copy(chunk(0), chunk(1), other.begin() + (chunk(0) - file.begin()));
  EXPECT_EQ(found(other, 1, keys).error().code, ErrorCode::integrity);
}

TEST(FindEntry, SomethingBehindTheEndIsRefused) {
  const auto keys = archive_keys(1);
  auto file = sealed_list(kVersion, {}, keys.current);
  file.push_back(0);
  EXPECT_FALSE(found(file, 1, keys));
  auto full = sealed_list(kVersion, {{1, 1, std::string(kChunk - kEntryHead, 'a')}}, keys.current);
  ASSERT_EQ(full.size(), kChunksBegin + kSealedChunk);
  full.insert(full.end(), kChunkOverhead, 0);
  EXPECT_EQ(found(full, 1, keys).error().context, "archive: something stands behind its end");
}

TEST(FindEntry, AStreamOfAnotherVersionUnderThisHeadIsRefused) {
  const auto keys = archive_keys(1);
  auto newer = sealed_list(kVersion, many_entries(3), keys.current, 100);
  const auto older = sealed_list({"hotline", 6}, many_entries(3), keys.current, 150);
  std::copy(older.begin() + sizeof(SealedHead), older.end(), newer.begin() + sizeof(SealedHead));
  EXPECT_EQ(found(newer, 1, keys).error().code, ErrorCode::integrity);
  EXPECT_EQ(found(older, 1, keys).error().context, "archive: it is of another version");
}

TEST(FindEntry, TenThousandChangedFilesNeverOpen) {
  const auto keys = archive_keys(1);
  const auto file = sealed_list(kVersion, many_entries(20), keys.current);
  std::minstd_rand random{42};
  for (int round = 0; round < 10'000; ++round) {
    auto changed = file;
    switch (random() % 4) {
      case 0: changed[random() % changed.size()] ^= static_cast<std::uint8_t>(1u << (random() % 8)); break;
      case 1: changed.resize(random() % changed.size()); break;
      case 2: changed.insert(changed.begin() + static_cast<std::ptrdiff_t>(random() % changed.size()), 0); break;
      default:
        for (auto at = random() % changed.size(); at < changed.size(); at += 1 + random() % 64) {
          changed[at] = static_cast<std::uint8_t>(changed[at] + 1 + random() % 255);
        }
    }
    const auto back = found(changed, 1, keys);
    ASSERT_FALSE(back) << round;
    EXPECT_NE(back.error().code, ErrorCode::not_found) << round;
    EXPECT_FALSE(back.error().context.contains("example")) << round;
  }
}

TEST(EntrySealer, TakesNoMoreThanItsLimitAndTellsTheFirstError) {
  ASSERT_TRUE(prepare_sealing());
  std::size_t written = 0;
  const auto count = [&](ByteView sealed) -> Status {
    written += sealed.size();
    return {};
  };
  EntrySealer within(support::key_bytes(1), kStreamHeader + kChunkOverhead + kEntryHead + 1, count);
  within.add(EntryId{1}, 1, "a");
  EXPECT_TRUE(within.finish());
  EXPECT_EQ(written, kStreamHeader + kChunkOverhead + kEntryHead + 1);
  EntrySealer over(support::key_bytes(1), kStreamHeader + kChunkOverhead + kEntryHead, count);
  over.add(EntryId{1}, 1, "a");
  EXPECT_EQ(over.finish().error().code, ErrorCode::limit);
  EntrySealer too_long(support::key_bytes(1), UINT64_MAX, count);
  too_long.add(EntryId{1}, 9, std::string(kMaxEntryText + 1, 'x'));
  too_long.add(EntryId{2}, 10, "a");
  EXPECT_EQ(too_long.finish().error().context, "line 9: its canonical form is too long to archive");
  EntrySealer broken(support::key_bytes(1), UINT64_MAX, [](ByteView) -> Status { return fail(ErrorCode::io, "full"); });
  EXPECT_EQ(broken.finish().error().context, "full");
}

}  // namespace
}  // namespace parapet::lists
