// SPDX-License-Identifier: Apache-2.0
// Slots of handshakes: found, kept, overwritten by age.
#include "packet/flow/handshake_table.h"

#include <gtest/gtest.h>

namespace parapet::packet {
namespace {

TEST(HandshakeTable, FindsWhatWasWritten) {
  auto table = *HandshakeTable::create(16);
  EXPECT_EQ(table.find(5), nullptr);
  table.write(5, {1000, 2000, 1460, HandshakeSlot::kTimestamps, 77}, 7);
  const HandshakeSlot* slot = table.find(5);
  ASSERT_NE(slot, nullptr);
  EXPECT_EQ(slot->server_isn, 1000u);
  EXPECT_EQ(slot->first_seq(), 2001u);
  EXPECT_EQ(slot->mss, 1460);
  EXPECT_TRUE(slot->has_timestamps());
  EXPECT_EQ(slot->client_timestamp, 77u);
  EXPECT_FALSE(slot->is_signed());
  EXPECT_FALSE(slot->proven());
  EXPECT_FALSE(slot->settled());
}

TEST(HandshakeTable, TheSameHandshakeAgainKeepsItsEvidenceAndANewOneDoesNot) {
  auto table = *HandshakeTable::create(16);
  table.write(5, {1000, 2000, 1460, 0, 0}, 7);
  table.find(5)->flags = HandshakeSlot::kProven;
  table.write(5, {1000, 2000, 1460, 0, 0}, 9);
  EXPECT_TRUE(table.find(5)->proven());
  table.write(5, {1001, 2000, 1460, 0, 0}, 9);
  EXPECT_FALSE(table.find(5)->proven());
}

TEST(HandshakeTable, AFullSetGivesUpItsOldest) {
  auto table = *HandshakeTable::create(4);
  const Tick start = 0xfffffffe;  // time wraps on the way
  for (std::uint64_t hash = 1; hash <= 4; ++hash) table.write(hash, {1, 1, 0, 0, 0}, start + static_cast<Tick>(hash));
  table.write(99, {1, 1, 0, 0, 0}, start + 5);
  EXPECT_EQ(table.find(1), nullptr);
  for (const std::uint64_t hash : {2, 3, 4, 99}) EXPECT_NE(table.find(hash), nullptr) << hash;
}

TEST(HandshakeTable, AHashOfZeroIsAHashLikeOthers) {
  auto table = *HandshakeTable::create(4);
  EXPECT_EQ(table.find(0), nullptr);
  table.write(0, {1, 2, 3, 0, 0}, 4);
  EXPECT_NE(table.find(0), nullptr);
}

TEST(HandshakeTable, ASizeThatIsNoPowerOfTwoIsRefused) {
  for (const std::uint32_t slots : {0u, 2u, 1000u}) {
    EXPECT_EQ(HandshakeTable::create(slots).error().code, ErrorCode::invalid_argument) << slots;
  }
}

}  // namespace
}  // namespace parapet::packet
