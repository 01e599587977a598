// SPDX-License-Identifier: Apache-2.0
// A compiled snapshot finds what was put in, nothing else, and refuses every damaged file.
#include "snapshot/snapshot.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "snapshot/builder.h"

namespace parapet::snapshot {
namespace {

const digest::Key kKey{11, 22};

digest::DigestedEntry random_entry(std::mt19937_64& random) {
  return {{random(), random()}, random(), 0, random(), canon::EntryKind::host};
}

SnapshotBytes build(std::span<const digest::DigestedEntry> entries, Generation generation = 1) {
  const ListInput list{"hotline", ListState::enforce, entries};
  auto bytes = build_snapshot({&list, 1}, kKey, generation, {.realtime_ns = 5});
  EXPECT_TRUE(bytes);
  return std::move(*bytes);
}

TEST(Snapshot, FindsEveryEntryAndNothingElse) {
  std::mt19937_64 random(5);
  for (const std::size_t count : {0u, 1u, 5u, 1000u, 200000u}) {
    std::vector<digest::DigestedEntry> entries;
    for (std::size_t i = 0; i < count; ++i) entries.push_back(random_entry(random));
    const auto bytes = build(entries);
    const auto snapshot = Snapshot::open(bytes.view(), kKey);
    ASSERT_TRUE(snapshot) << snapshot.error().context;
    EXPECT_EQ(snapshot->header().entry_count, count);
    for (const auto& entry : entries) {
      ASSERT_TRUE(Snapshot::may_hold(snapshot->line_of(entry.line), entry.digest.low));
      const auto found = snapshot->find(entry.digest);
      ASSERT_NE(found.value, kEmptySlot);
      ASSERT_EQ(snapshot->rules_of(found)[0].kind, static_cast<int>(canon::EntryKind::host));
    }
    std::size_t behind_filter = 0;
    for (int i = 0; i < 100000; ++i) {
      const auto stranger = random_entry(random);
      behind_filter += Snapshot::may_hold(snapshot->line_of(stranger.line), stranger.digest.low);
      ASSERT_EQ(snapshot->find(stranger.digest).value, kEmptySlot);
    }
    EXPECT_LT(behind_filter, 5000u) << "the filter lets more than 5 % through";
  }
}

TEST(Snapshot, StaysSmall) {
  std::mt19937_64 random(6);
  std::vector<digest::DigestedEntry> entries;
  for (int i = 0; i < 100000; ++i) entries.push_back(random_entry(random));
  EXPECT_LT(build(entries).view().size(), 28u * entries.size());
}

TEST(Snapshot, TheSameDigestInTwoListsKeepsBoth) {
  std::mt19937_64 random(7);
  const auto entry = random_entry(random);
  auto as_domain = entry;
  as_domain.kind = canon::EntryKind::domain;
  const digest::DigestedEntry both[2] = {entry, as_domain};
  const ListInput lists[2] = {{"first", ListState::enforce, {&entry, 1}}, {"second", ListState::shadow, both}};
  const auto bytes = build_snapshot(lists, kKey, 9, {.realtime_ns = 5});
  ASSERT_TRUE(bytes);
  const auto snapshot = Snapshot::open(bytes->view(), kKey);
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(snapshot->rules_of(snapshot->find(entry.digest)).size(), 3u);
  EXPECT_EQ(snapshot->state_of({1}), ListState::shadow);
  EXPECT_EQ(snapshot->lists()[0].list_id, list_id_of("first"));
  EXPECT_EQ(snapshot->generation(), 9u);
}

TEST(Snapshot, AnotherKeyIsRefusedAndSaid) {
  const auto bytes = build({});
  const auto snapshot = Snapshot::open(bytes.view(), digest::Key{11, 23});
  ASSERT_FALSE(snapshot);
  EXPECT_EQ(snapshot.error().code, ErrorCode::integrity);
  EXPECT_NE(snapshot.error().context.find("key"), std::string::npos);
}

TEST(Snapshot, EveryFlippedBitIsRefused) {
  std::mt19937_64 random(8);
  std::vector<digest::DigestedEntry> entries;
  for (int i = 0; i < 20; ++i) entries.push_back(random_entry(random));
  const auto good = build(entries);
  SnapshotBytes bytes(good.view().size());
  for (std::size_t at = 0; at < good.view().size(); ++at) {
    std::memcpy(bytes.data(), good.view().data(), good.view().size());
    bytes.data()[at] ^= static_cast<std::uint8_t>(1u << (at % 8));
    const auto snapshot = Snapshot::open(bytes.view(), kKey);
    ASSERT_FALSE(snapshot) << "byte " << at;
    ASSERT_FALSE(snapshot.error().context.empty());
  }
}

TEST(Snapshot, EveryShorterFileIsRefused) {
  const auto good = build({});
  for (std::size_t size = 0; size < good.view().size(); ++size) {
    ASSERT_FALSE(Snapshot::open(good.view().first(size), kKey));
  }
}

// Whoever has the key can seal anything: offsets must be checked all the same.
TEST(Snapshot, SealedNonsenseIsRefusedOrHarmless) {
  std::mt19937_64 random(9);
  std::vector<digest::DigestedEntry> entries;
  for (int i = 0; i < 20; ++i) entries.push_back(random_entry(random));
  const auto good = build(entries);
  SnapshotBytes bytes(good.view().size());
  int refused = 0;
  for (int round = 0; round < 20000; ++round) {
    std::memcpy(bytes.data(), good.view().data(), good.view().size());
    for (int i = 0; i < 2; ++i) {
      const std::size_t at = 72 + random() % (random() % 2 == 0 ? 80 : good.view().size() - 72);
      bytes.data()[at] = static_cast<std::uint8_t>(random());
    }
    const auto sum = checksum_of(kKey, bytes.view());
    std::memcpy(bytes.data() + offsetof(Header, checksum), &sum, 16);
    const auto snapshot = Snapshot::open(bytes.view(), kKey);
    if (!snapshot) {
      ++refused;
      continue;
    }
    for (const auto& entry : entries) {
      static_cast<void>(Snapshot::may_hold(snapshot->line_of(entry.line), entry.digest.low));
      const auto found = snapshot->find(entry.digest);
      if (found.value != kEmptySlot) static_cast<void>(snapshot->rules_of(found).size());
    }
  }
  EXPECT_GT(refused, 1000);
}

TEST(Snapshot, TooManyListsAreRefused) {
  std::vector<ListInput> lists(kMaxListCount + 1, ListInput{"x", ListState::off, {}});
  EXPECT_EQ(build_snapshot(lists, kKey, 1, {.realtime_ns = 1}).error().code, ErrorCode::limit);
  const ListInput nameless{"", ListState::off, {}};
  EXPECT_EQ(build_snapshot({&nameless, 1}, kKey, 1, {.realtime_ns = 1}).error().code, ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace parapet::snapshot
