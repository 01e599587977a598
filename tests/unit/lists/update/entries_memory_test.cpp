// SPDX-License-Identifier: Apache-2.0
// Memory for the sealed entries of one version: a key of its own, limits that lists keep to, and no change at the end.
#include "lists/update/entries_memory.h"

#include <gtest/gtest.h>
#include <unistd.h>
#include <algorithm>

#include "digested.h"
#include "lists/update/child_process.h"
#include "sealed_list.h"

namespace parapet::lists {
namespace {

TEST(EntriesMemory, EachHasItsOwnKeyAndStandsAboveWhatAChildIsGiven) {
  const auto one = EntriesMemory::create(), other = EntriesMemory::create();
  ASSERT_TRUE(one && other);
  EXPECT_FALSE(std::ranges::equal(one->data_key(), other->data_key()));
  EXPECT_GT(one->fd(), kEntriesFd);
}

TEST(EntriesMemory, ChangesNoMoreOnceItIsSealed) {
  const auto memory = EntriesMemory::create();
  ASSERT_TRUE(memory);
  EXPECT_EQ(::write(memory->fd(), "x", 1), 1);
  ASSERT_TRUE(memory->seal());
  EXPECT_LT(::write(memory->fd(), "x", 1), 0);
  EXPECT_LT(::ftruncate(memory->fd(), 0), 0);
}

// The shortest lines there are, in every kind that makes the most of them.
TEST(EntriesMemory, TheShortestEntriesStayWithinTheLimit) {
  auto source = support::source_named("hotline");
  std::string feed;
  for (int i = 0; i < 50'000; ++i) feed += "a.b\n";
  for (const bool is_domain : {false, true}) {
    source.bare_host_is_domain = is_domain;
    std::vector<support::ClearEntry> entries;
    ASSERT_TRUE(
        digest_feed(support::verified(feed), source, support::kListKey, [&](const canon::Entry& entry, EntryId id) {
          entries.push_back({id.value, entry.line, canon::canonical_text(entry)});
        }));
    EXPECT_EQ(entries.size(), 50'000u);
    const auto stream = support::sealed_stream(support::key_bytes(1), entries);
    EXPECT_GT(stream.size(), 6 * feed.size());
    EXPECT_LT(stream.size(), 8 * feed.size());
    EXPECT_LT(stream.size(), max_entries_bytes(source, feed.size()));
  }
}

}  // namespace
}  // namespace parapet::lists
