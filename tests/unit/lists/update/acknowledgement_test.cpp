// SPDX-License-Identifier: Apache-2.0
// Time-to-enforce is taken from what the edge says.
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

TEST(Acknowledgements, MeasureFromTheSourceToTheLastWorker) {
  Acknowledgements acknowledgements;
  EXPECT_FALSE(acknowledgements.waiting());
  acknowledgements.expect(5, 1'000'000'000);
  EXPECT_FALSE(acknowledgements.take(edge_at(4, 9)));
  const auto applied = acknowledgements.take(edge_at(5, 1'250'000'000));
  ASSERT_TRUE(applied);
  EXPECT_EQ(applied->generation, 5u);
  EXPECT_DOUBLE_EQ(applied->seconds, 0.25);
  EXPECT_FALSE(acknowledgements.waiting());
  EXPECT_FALSE(acknowledgements.take(edge_at(5, 1'250'000'000)));
}

TEST(Acknowledgements, SkippedGenerationsAreForgotten) {
  Acknowledgements acknowledgements;
  acknowledgements.expect(5, 100);
  acknowledgements.expect(6, 200);
  acknowledgements.expect(8, 300);
  const auto applied = acknowledgements.take(edge_at(6, 1200));
  ASSERT_TRUE(applied);
  EXPECT_EQ(applied->generation, 6u);
  EXPECT_TRUE(acknowledgements.waiting());
  EXPECT_FALSE(acknowledgements.take(edge_at(9, 1200)));
  EXPECT_FALSE(acknowledgements.waiting());
}

TEST(Acknowledgements, AnAbsentEdgeCostsNoMemory) {
  Acknowledgements acknowledgements;
  for (Generation generation = 1; generation <= 1000; ++generation) acknowledgements.expect(generation, 1);
  EXPECT_FALSE(acknowledgements.take(edge_at(900, 5)));  // forgotten long ago
  const auto applied = acknowledgements.take(edge_at(1000, 5));
  ASSERT_TRUE(applied);
}

}  // namespace
}  // namespace parapet::lists
