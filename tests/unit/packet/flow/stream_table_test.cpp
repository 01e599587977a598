// SPDX-License-Identifier: Apache-2.0
// The table of streams against a plain map.
#include "packet/flow/stream_table.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace parapet::packet {
namespace {

StreamKey key_of(std::uint16_t n) {
  StreamKey key{};
  key.client_port = n;
  return key;
}

TEST(StreamTable, AgreesWithAMapUnderRandomUse) {
  auto table = *StreamTable::create(100);
  std::map<std::uint16_t, RecordIndex> truth;
  std::mt19937 random(1);
  // Few different hashes, so that streams collide all the time.
  const auto hash_of = [](std::uint16_t n) { return std::uint64_t{n % 7u} + 508u; };
  for (int step = 0; step < 100000; ++step) {
    const auto n = static_cast<std::uint16_t>(random() % 150);
    const auto known = truth.find(n);
    const RecordIndex found = table.find(key_of(n), hash_of(n));
    if (known == truth.end()) {
      ASSERT_EQ(found, kNoRecord);
      const RecordIndex made = table.insert(key_of(n), hash_of(n), 0);
      ASSERT_EQ(made == kNoRecord, truth.size() == 100);
      if (made != kNoRecord) truth[n] = made;
    } else {
      ASSERT_EQ(found, known->second);
      if (random() % 2 == 0) {
        table.erase(found);
        truth.erase(known);
      }
    }
    ASSERT_EQ(table.in_use(), truth.size());
  }
}

TEST(StreamTable, TheHandVisitsEveryRecord) {
  auto table = *StreamTable::create(10);
  for (std::uint16_t n = 0; n < 6; ++n) table.insert(key_of(n), n, n);
  std::map<std::uint32_t, int> visits;
  for (int i = 0; i < 20; ++i) {
    const RecordIndex record = table.advance_hand();
    if (record != kNoRecord) ++visits[record.value];
  }
  EXPECT_EQ(visits.size(), 6u);
  for (const auto& [record, count] : visits) EXPECT_EQ(count, 2) << record;
}

TEST(StreamTable, KeysDifferInEveryPart) {
  const FlowHasher hasher({1, 2});
  StreamKey base{};
  const std::uint64_t hash = hasher.stream(base);
  std::vector<StreamKey> others(6, base);
  others[0].client[15] = 1;
  others[1].server[0] = 1;
  others[2].client_port = 1;
  others[3].server_port = 1;
  others[4].realm.value = 1;
  others[5].is_ipv4 = 1;
  for (const StreamKey& other : others) {
    EXPECT_NE(other, base);
    EXPECT_NE(hasher.stream(other), hash);
  }
}

TEST(StreamTable, SizesOutOfRangeAreRefused) {
  EXPECT_EQ(StreamTable::create(0).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(StreamTable::create(StreamTable::kMaxRecords + 1).error().code, ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace parapet::packet
