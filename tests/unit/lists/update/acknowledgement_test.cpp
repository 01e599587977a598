// SPDX-License-Identifier: Apache-2.0
// Time-to-enforce and time-to-release are taken from what the edge says.
#include "lists/update/acknowledgement.h"

#include <gtest/gtest.h>

namespace parapet::lists {
namespace {

counters::Header edge_at(Generation generation, std::uint64_t realtime_ns) {
  counters::Header header{};
  header.applied_generation = generation;
  header.applied_realtime_ns = realtime_ns;
  return header;
}

ChangeTimes added_at(std::uint64_t realtime_ns) { return {realtime_ns, std::nullopt}; }

TEST(Acknowledgements, MeasureFromTheSourceToTheLastWorker) {
  Acknowledgements acknowledgements;
  EXPECT_FALSE(acknowledgements.waiting());
  acknowledgements.expect(5, {1'000'000'000, 1'150'000'000});
  EXPECT_FALSE(acknowledgements.take(edge_at(4, 9)));
  const auto applied = acknowledgements.take(edge_at(5, 1'250'000'000));
  ASSERT_TRUE(applied);
  EXPECT_EQ(applied->generation, 5u);
  EXPECT_DOUBLE_EQ(applied->enforce_s.value(), 0.25);
  EXPECT_DOUBLE_EQ(applied->release_s.value(), 0.1);
  EXPECT_FALSE(acknowledgements.waiting());
  EXPECT_FALSE(acknowledgements.take(edge_at(5, 1'250'000'000)));
}

TEST(Acknowledgements, WhatASkippedGenerationBroughtCameWithTheNext) {
  Acknowledgements acknowledgements;
  acknowledgements.expect(5, added_at(200));
  acknowledgements.expect(6, {std::nullopt, 1000});
  acknowledgements.expect(8, added_at(300));
  const auto applied = acknowledgements.take(edge_at(6, 1200));
  ASSERT_TRUE(applied);
  EXPECT_EQ(applied->generation, 6u);
  EXPECT_DOUBLE_EQ(applied->enforce_s.value(), 1000e-9);
  EXPECT_DOUBLE_EQ(applied->release_s.value(), 200e-9);
  EXPECT_TRUE(acknowledgements.waiting());
  EXPECT_FALSE(acknowledgements.take(edge_at(9, 1200)));
  EXPECT_FALSE(acknowledgements.waiting());
}

TEST(Acknowledgements, WhatNeitherAddsNorRemovesHasNoDelay) {
  Acknowledgements acknowledgements;
  acknowledgements.expect(5, {});
  const auto applied = acknowledgements.take(edge_at(5, 1200));
  ASSERT_TRUE(applied);
  EXPECT_FALSE(applied->enforce_s);
  EXPECT_FALSE(applied->release_s);
}

TEST(Acknowledgements, AnAbsentEdgeCostsNoMemory) {
  Acknowledgements acknowledgements;
  for (Generation generation = 1; generation <= 1000; ++generation) acknowledgements.expect(generation, added_at(1));
  EXPECT_FALSE(acknowledgements.take(edge_at(900, 5)));  // forgotten long ago
  const auto applied = acknowledgements.take(edge_at(1000, 5));
  ASSERT_TRUE(applied);
}

}  // namespace
}  // namespace parapet::lists
