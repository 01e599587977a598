// SPDX-License-Identifier: Apache-2.0
// Golden bytes of a snapshot: a change of the format is a change of its version.
#include "snapshot/format.h"

#include <gtest/gtest.h>

#include "snapshot/builder.h"
#include "snapshot/snapshot.h"

namespace parapet::snapshot {
namespace {

TEST(Format, GoldenSnapshotOfOneEntry) {
  const digest::Key key{0x0706050403020100, 0x0f0e0d0c0b0a0908};
  const auto entry = canon::parse_entry("listed.example.test", {});
  ASSERT_TRUE(entry);
  const digest::DigestedEntry digested = digest::digest_entry(key, *entry, 1);
  const ListInput list{"golden", ListState::enforce, {&digested, 1}};
  const auto bytes = build_snapshot({&list, 1}, key, 5, 1700000000000000000);
  ASSERT_TRUE(bytes);
  const ByteView view = bytes->view();
  ASSERT_EQ(view.size(), 256u + 64 + 64 + 64 + 64 + 64);
  const auto& header = *reinterpret_cast<const Header*>(view.data());
  EXPECT_EQ(text_of(view.first(8)), "PRPTSNAP");
  EXPECT_EQ(header.major, 1);
  EXPECT_EQ(header.minor, 0);
  EXPECT_EQ(header.generation, 5u);
  EXPECT_EQ(header.entry_count, 1u);
  EXPECT_EQ(header.lists.offset, 256u);
  EXPECT_EQ(header.rule_sets.offset, 320u);
  EXPECT_EQ(header.rules.offset, 384u);
  EXPECT_EQ(header.filter.offset, 448u);
  EXPECT_EQ(header.buckets.offset, 512u);
  EXPECT_EQ(view[256 + 40], 2);  // enforce
  EXPECT_EQ(digested.digest.low, 13781044836453654505u);
  EXPECT_EQ(digested.digest.high, 16460849412038176774u);
  EXPECT_EQ(load_le64(view.data() + 512), digested.digest.high);
  EXPECT_EQ(load_le64(view.data() + 56), 13396027129007851770u);
}

}  // namespace
}  // namespace parapet::snapshot
