// SPDX-License-Identifier: Apache-2.0
// What increments make of their base; a naive set agrees.
#include "lists/compile/increment.h"

#include <gtest/gtest.h>
#include <map>
#include <random>

#include "digested.h"

namespace parapet::lists {
namespace {

using digest::DigestedEntry;
using Entries = std::vector<DigestedEntry>;

DigestedEntry entry(std::uint64_t number, std::uint32_t ends_s = 0) {
  return {{number, number}, 0, 0, 1000 + number, canon::EntryKind::host, ends_s};
}

DigestedList list_of(std::initializer_list<std::uint64_t> numbers) {
  DigestedList list;
  list.name = "hotline";
  for (const auto number : numbers) list.entries.push_back(entry(number));
  return list;
}

Increment removing(std::initializer_list<std::uint64_t> numbers) { return {1, list_of(numbers).entries}; }

TEST(Increment, RemovesAndAdds) {
  const auto whole = apply_increment(list_of({1, 3, 5}), list_of({2, 6}), removing({3}));
  ASSERT_TRUE(whole) << whole.error().context;
  EXPECT_EQ(whole->entries, list_of({1, 2, 5, 6}).entries);
  EXPECT_EQ(apply_increment(list_of({1}), list_of({}), removing({1}))->entries, Entries{});
  EXPECT_EQ(apply_increment(list_of({1}), list_of({}), removing({}))->entries, list_of({1}).entries);
}

TEST(Increment, WhatIsAddedAgainGetsTheEndThatIsSaid) {
  auto base = list_of({1, 2}), added = list_of({1});
  base.entries[0].ends_s = 100;
  EXPECT_EQ(apply_increment(base, added, {})->entries[0].ends_s, 0u);
  added.entries[0].ends_s = 50;
  EXPECT_EQ(apply_increment(base, added, {})->entries[0].ends_s, 50u);
}

TEST(Increment, WhatIsSaidOfTheListIsOfTheIncrementButUnenforceableRulesAddUp) {
  auto base = list_of({1}), added = list_of({2});
  base.etag = "old";
  base.unenforceable = 3;
  added.etag = "new";
  added.unenforceable = 1;
  added.signed_order = {7, 8};
  const auto whole = apply_increment(base, added, {});
  EXPECT_EQ(whole->etag, "new");
  EXPECT_EQ(whole->unenforceable, 4u);
  EXPECT_EQ(whole->signed_order, (SignedOrder{7, 8}));
}

TEST(Increment, RemovingWhatIsNotThereShowsAnotherBase) {
  const auto whole = apply_increment(list_of({1, 2}), list_of({5}), removing({2, 3, 4}));
  EXPECT_EQ(whole.error().code, ErrorCode::refused);
  EXPECT_EQ(whole.error().context,
            "it removes 2 entries that its base has not: the source's base is another than ours");
  auto other_kind = removing({1});
  other_kind.removed[0].kind = canon::EntryKind::domain;
  EXPECT_FALSE(apply_increment(list_of({1}), list_of({}), other_kind)) << "a domain is no host";
}

TEST(Increment, BothAddedAndRemovedIsRefused) {
  EXPECT_EQ(apply_increment(list_of({1}), list_of({1}), removing({1})).error().context,
            "1 entries are both added and removed by one increment");
}

TEST(Increment, TellsWhetherItMadeAList) {
  EXPECT_TRUE(is_made_by(list_of({1, 2, 3}), list_of({2}), removing({4})));
  EXPECT_FALSE(is_made_by(list_of({1, 3}), list_of({2}), removing({4})));
  EXPECT_FALSE(is_made_by(list_of({1, 2, 4}), list_of({2}), removing({4})));
  auto ending = list_of({1, 2});
  ending.entries[1].ends_s = 9;
  EXPECT_FALSE(is_made_by(ending, list_of({2}), removing({}))) << "with another end";
}

TEST(Increment, ANaiveMapAgrees) {
  std::minstd_rand random{7};
  std::map<std::uint64_t, std::uint32_t> naive;
  DigestedList list = list_of({});
  for (unsigned round = 0; round < 200; ++round) {
    std::map<std::uint64_t, std::uint32_t> added;
    Increment increment;
    for (std::uint64_t number = 1; number <= 40; ++number) {
      const auto dice = random() % 8;
      if (dice == 0 && naive.contains(number)) increment.removed.push_back(entry(number));
      if (dice == 1) added[number] = static_cast<std::uint32_t>(random() % 3);
    }
    DigestedList additions = list_of({});
    for (const auto& [number, ends_s] : added) additions.entries.push_back(entry(number, ends_s));
    auto whole = apply_increment(list, additions, increment);
    ASSERT_TRUE(whole) << whole.error().context;
    EXPECT_TRUE(is_made_by(*whole, additions, increment));
    list = std::move(*whole);
    for (const auto& removed : increment.removed) naive.erase(removed.digest.low);
    for (const auto& [number, ends_s] : added) naive[number] = ends_s;
    Entries expected;
    for (const auto& [number, ends_s] : naive) expected.push_back(entry(number, ends_s));
    ASSERT_EQ(list.entries, expected);
  }
}

}  // namespace
}  // namespace parapet::lists
