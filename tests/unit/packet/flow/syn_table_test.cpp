// SPDX-License-Identifier: Apache-2.0
// Where clients' streams begin, by their SYNs.
#include "packet/flow/syn_table.h"

#include <gtest/gtest.h>

namespace parapet::packet {
namespace {

constexpr std::uint32_t kWindow = 16384;

TEST(SynTable, TellsTheBeginningOfTheStreamInWhoseWindowASegmentLies) {
  auto table = *SynTable::create(16);
  EXPECT_FALSE(table.first_seq_before(5, 1001, kWindow));
  table.write(5, 1001, 7);
  EXPECT_EQ(table.first_seq_before(5, 1001, kWindow), 1001u);
  EXPECT_EQ(table.first_seq_before(5, 1001 + kWindow, kWindow), 1001u);
  EXPECT_FALSE(table.first_seq_before(5, 1002 + kWindow, kWindow));
  EXPECT_FALSE(table.first_seq_before(5, 1000, kWindow));
}

TEST(SynTable, OneDecoyDoesNotHideTheTrueBeginning) {
  auto table = *SynTable::create(16);
  table.write(5, 1001, 7);
  table.write(5, 900001, 7);
  table.write(5, 900001, 8);
  EXPECT_EQ(table.first_seq_before(5, 1010, kWindow), 1001u);
  EXPECT_EQ(table.first_seq_before(5, 900010, kWindow), 900001u);
}

TEST(SynTable, AFullSetGivesUpItsOldest) {
  auto table = *SynTable::create(4);
  for (std::uint64_t i = 1; i <= 5; ++i) table.write(i << 40, static_cast<std::uint32_t>(i), static_cast<Tick>(i));
  EXPECT_FALSE(table.first_seq_before(std::uint64_t{1} << 40, 1, kWindow));
  for (std::uint64_t i = 2; i <= 5; ++i) {
    EXPECT_TRUE(table.first_seq_before(i << 40, static_cast<std::uint32_t>(i), kWindow)) << i;
  }
}

TEST(SynTable, ASizeThatIsNoPowerOfTwoIsRefused) {
  for (const std::uint32_t slots : {0u, 2u, 1000u}) {
    EXPECT_EQ(SynTable::create(slots).error().code, ErrorCode::invalid_argument) << slots;
  }
}

}  // namespace
}  // namespace parapet::packet
