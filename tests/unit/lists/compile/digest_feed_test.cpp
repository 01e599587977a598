// SPDX-License-Identifier: Apache-2.0
// From text to digests: order, doubles, ids, guards.
#include "lists/compile/digest_feed.h"

#include <gtest/gtest.h>
#include <algorithm>
#include <set>

#include "digested.h"
#include "lists/compile/entry_id.h"

namespace parapet::lists {
namespace {

using support::digested;
using support::kListKey;
using support::source_named;
using support::verified;

TEST(DigestFeed, OrderAndDoublesOfTheFeedDoNotMatter) {
  const auto one = digested("a.example.test\nb.example.test\nhttp://c.example.test/x\n");
  const auto other = digested("http://C.example.test:80/./x\nB.example.test.\nb.example.test\na.example.test\n");
  EXPECT_EQ(one.entries, other.entries);
  EXPECT_EQ(one.entries.size(), 3u);
}

TEST(DigestFeed, EntryIdsDependOnListKindAndKey) {
  const canon::Entry host{canon::EntryKind::host, "a.example.test", 0, "", ""};
  const canon::Entry domain{canon::EntryKind::domain, "a.example.test", 0, "", ""};
  std::set<std::uint64_t> ids;
  for (const auto& key : {kListKey, digest::Key{1, 2}}) {
    for (const auto* list : {"one", "two"}) {
      for (const auto& entry : {host, domain}) ids.insert(EntryIds(key, list).id_of(entry).value);
    }
  }
  EXPECT_EQ(ids.size(), 8u);
  EXPECT_EQ(EntryIds(kListKey, "one").id_of(host), EntryIds(kListKey, "one").id_of(host));
  EXPECT_EQ(format_entry_id(EntryId{0x0123456789abcdef}), "0123456789abcdef");
}

TEST(DigestFeed, AGuardRefusesTheWholeList) {
  const auto list = digest_feed(verified("a.example.test\nlocalhost\n192.0.2.1\n"), source_named("hotline"), kListKey);
  ASSERT_FALSE(list);
  EXPECT_TRUE(list.error().context.starts_with("2 lines cannot be read: line 2: ")) << list.error().context;
  EXPECT_EQ(list.error().context.find("localhost"), std::string::npos);
}

TEST(DigestFeed, WhatAnIncrementRemovesIsDigestedAndShownToNobody) {
  auto source = source_named("hotline");
  source.format = config::FeedFormat::csv;
  source.increments = true;
  source.csv = {
      .header = false, .value_column = "1", .operation_column = "2", .version_column = "3", .base_column = "4"};
  std::vector<std::string> seen;
  const auto see = [&](const canon::Entry& entry, EntryId) { seen.push_back(canon::canonical_text(entry)); };
  const auto read =
      digest_feed(verified("a.example.test,add,2,1\nB.example.test.,remove,2,1\nb.example.test,remove,2,1\n"), source,
                  kListKey, see);
  ASSERT_TRUE(read) << read.error().context;
  EXPECT_EQ(read->list.entries, digested("a.example.test\n").entries);
  EXPECT_EQ(read->list.place.version, 2u);
  ASSERT_TRUE(read->increment);
  EXPECT_EQ(read->increment->base, 1u);
  EXPECT_EQ(read->increment->removed, digested("b.example.test\n").entries) << "whatever the spelling";
  EXPECT_EQ(seen, std::vector<std::string>{"host:a.example.test"});
  EXPECT_TRUE(digest_feed(verified("b.example.test,remove,2,1\n"), source, kListKey)) << "nothing is added";
  EXPECT_FALSE(digest_feed(verified("localhost,remove,2,1\n"), source, kListKey)) << "no list could have it";
}

TEST(DigestFeed, EachEntryIsShownInClearWithItsLineAndId) {
  std::vector<std::string> seen;
  std::vector<std::uint64_t> ids;
  const auto list = digest_feed(verified("# first\nA.example.test\n\nhttp://b.example.test/x\na.example.test\n"),
                                source_named("hotline"), kListKey, [&](const canon::Entry& entry, EntryId id) {
                                  seen.push_back(std::to_string(entry.line) + " " + canon::canonical_text(entry));
                                  ids.push_back(id.value);
                                });
  ASSERT_TRUE(list);
  EXPECT_EQ(seen,
            (std::vector<std::string>{"2 host:a.example.test", "4 url:b.example.test:0/x", "5 host:a.example.test"}));
  EXPECT_EQ(ids[0], ids[2]);
  for (const auto& entry : list->list.entries) EXPECT_NE(std::ranges::find(ids, entry.id), ids.end());
}

TEST(DigestFeed, AnEmptyListIsRefusedUnlessExpected) {
  auto source = source_named("hotline");
  EXPECT_EQ(digest_feed(verified("# nothing\n"), source, kListKey).error().code, ErrorCode::refused);
  source.allow_empty = true;
  EXPECT_TRUE(digest_feed(verified("# nothing\n"), source, kListKey));
}

}  // namespace
}  // namespace parapet::lists
