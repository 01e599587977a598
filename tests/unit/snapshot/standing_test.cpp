// SPDX-License-Identifier: Apache-2.0
// For how long and for whom what is listed stands; a naive reading of the same lists agrees.
#include <gtest/gtest.h>
#include <algorithm>
#include <random>

#include "tiny_list.h"

namespace parapet::snapshot {
namespace {

using support::address_of;
using support::selector;
using support::TinyEntries;
using support::TinyList;

struct Subscriber {
  std::uint16_t realm = 0;
  std::string address = "192.0.2.1";
};

// The lists, as bits, whose rules for `name` stand.
std::uint32_t standing(const TinyList& list, const std::string& name, std::uint64_t now_s, const Subscriber& who = {}) {
  const auto address = address_of(who.address);
  const Occasion occasion{now_s * kNanosecondsPerSecond, {who.realm}, &address, !who.address.contains(':')};
  const auto digested = support::TinyList::read("host:" + name);
  const RuleSetIndex found = list.snapshot().find(digested.digest);
  std::uint32_t lists = 0;
  if (found.value == kEmptySlot) return 0;
  for (const Rule& rule : list.snapshot().rules_of(found)) {
    if (list.snapshot().stands(rule, occasion)) lists |= 1u << rule.list;
  }
  return lists;
}

TEST(Standing, AListEndsAtItsSecond) {
  const TinyList list({TinyEntries{.entries = {"host:a.test"}, .ends_s = 1000},
                       TinyEntries{.name = "other", .entries = {"host:a.test"}}});
  EXPECT_EQ(standing(list, "a.test", 999), 0b11u);
  EXPECT_EQ(standing(list, "a.test", 1000), 0b10u);
  EXPECT_EQ(standing(list, "a.test", std::uint64_t{1} << 33), 0b10u);
  EXPECT_EQ(list.snapshot().state_at({0}, 999 * kNanosecondsPerSecond), ListState::enforce);
  EXPECT_EQ(list.snapshot().state_at({0}, 1000 * kNanosecondsPerSecond), ListState::off);
  EXPECT_EQ(list.snapshot().state_at({1}, 1000 * kNanosecondsPerSecond), ListState::enforce);
}

TEST(Standing, AnEntryEndsAloneAndOfTwoTheLaterEndCounts) {
  const TinyList list{"host:a.test until 1000", "host:b.test",          "host:c.test until 1000",
                      "host:c.test until 2000", "host:d.test until 10", "host:d.test"};
  EXPECT_EQ(standing(list, "a.test", 999), 1u);
  EXPECT_EQ(standing(list, "a.test", 1000), 0u);
  EXPECT_EQ(standing(list, "b.test", 1000), 1u);
  EXPECT_EQ(standing(list, "c.test", 1999), 1u);
  EXPECT_EQ(standing(list, "c.test", 2000), 0u);
  EXPECT_EQ(standing(list, "d.test", 1'000'000), 1u);
}

TEST(Standing, AListThatNobodyConfirmsOnlyCounts) {
  const TinyList list({TinyEntries{.entries = {"host:a.test"}, .shadow_from_s = 1000},
                       TinyEntries{.name = "off", .state = ListState::off, .entries = {}, .shadow_from_s = 1000}});
  EXPECT_EQ(list.snapshot().state_at({0}, 999 * kNanosecondsPerSecond), ListState::enforce);
  EXPECT_EQ(list.snapshot().state_at({0}, 1000 * kNanosecondsPerSecond), ListState::shadow);
  EXPECT_EQ(list.snapshot().state_at({1}, 1000 * kNanosecondsPerSecond), ListState::off);
  EXPECT_EQ(standing(list, "a.test", 1000), 1u);
}

TEST(Standing, AListIsForThoseItAppliesToExceptTheExempt) {
  const TinyList list({TinyEntries{.entries = {"host:a.test"},
                                   .applies_to = {selector({7}), selector({}, {"198.51.100.0/24", "2001:db8::/32"})},
                                   .exempt = {selector({7}, {"198.51.100.128/25"}), selector({9})}}});
  const auto stands = [&](std::uint16_t realm, const std::string& address) {
    return standing(list, "a.test", 0, {realm, address}) != 0;
  };
  EXPECT_TRUE(stands(7, "192.0.2.1"));
  EXPECT_FALSE(stands(8, "192.0.2.1"));
  EXPECT_TRUE(stands(8, "198.51.100.200"));
  EXPECT_FALSE(stands(7, "198.51.100.200")) << "exempt in realm 7 alone";
  EXPECT_TRUE(stands(7, "198.51.100.127"));
  EXPECT_FALSE(stands(9, "198.51.100.1"));
  EXPECT_TRUE(stands(0, "2001:db8:ffff::1"));
  EXPECT_FALSE(stands(0, "2001:db9::1"));
}

TEST(Standing, APrefixOfOneFamilyHoldsNothingOfTheOther) {
  const TinyList all_v6({TinyEntries{.entries = {"host:a.test"}, .applies_to = {selector({}, {"::/0"})}}});
  EXPECT_EQ(standing(all_v6, "a.test", 0, {0, "192.0.2.1"}), 0u);
  EXPECT_EQ(standing(all_v6, "a.test", 0, {0, "2001:db8::1"}), 1u);
  const TinyList all_v4({TinyEntries{.entries = {"host:a.test"}, .applies_to = {selector({}, {"0.0.0.0/0"})}}});
  EXPECT_EQ(standing(all_v4, "a.test", 0, {0, "192.0.2.1"}), 1u);
  EXPECT_EQ(standing(all_v4, "a.test", 0, {0, "::ffff:192.0.2.1"}), 0u) << "IPv6 on the wire, whatever it looks like";
}

TEST(Standing, LimitsOfSelectorsAreHeld) {
  const auto build = [](std::vector<SelectorInput> exempt) {
    ListInput list{"hotline", ListState::enforce, {}};
    list.exempt = std::move(exempt);
    return build_snapshot({&list, 1}, support::kTestKey, 1, {});
  };
  EXPECT_EQ(build({{}}).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(build(std::vector<SelectorInput>(kMaxSelectors + 1, selector({1}))).error().code, ErrorCode::limit);
  SelectorInput many;
  many.prefixes.resize(kMaxPrefixes + 1);
  EXPECT_EQ(build({many}).error().code, ErrorCode::limit);
  many.prefixes.resize(kMaxPrefixes);
  EXPECT_TRUE(build({many}));
}

// Random lists, read naively.
class RandomLists {
 public:
  explicit RandomLists(std::uint32_t seed) : random_(seed) {
    for (int i = 0; i < 4; ++i) {
      TinyEntries& list = lists_.emplace_back();
      list.name = "list-" + std::to_string(i);
      if (below(2) == 0) list.ends_s = 1 + below(20);
      for (int entry = 0; entry < 8; ++entry) list.entries.push_back(make_entry());
      for (std::uint32_t n = below(3); n > 0; --n) list.applies_to.push_back(make_selector());
      for (std::uint32_t n = below(3); n > 0; --n) list.exempt.push_back(make_selector());
    }
  }

  const std::vector<TinyEntries>& lists() const { return lists_; }
  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(random_() % bound); }
  std::string name() { return std::string(1, static_cast<char>('a' + below(4))) + ".test"; }
  std::string address() {
    return below(2) == 0 ? "198.51.100." + std::to_string(below(256)) : "2001:db8::" + std::to_string(below(10));
  }

  std::uint32_t naive(const std::string& name, std::uint64_t now_s, const Subscriber& who) const {
    std::uint32_t lists = 0;
    for (std::size_t i = 0; i < lists_.size(); ++i) {
      const bool in_time = lists_[i].ends_s == 0 || now_s < lists_[i].ends_s;
      const bool for_them = lists_[i].applies_to.empty() || any(lists_[i].applies_to, who);
      if (in_time && for_them && !any(lists_[i].exempt, who) && lists_name(lists_[i], name, now_s)) lists |= 1u << i;
    }
    return lists;
  }

 private:
  std::string make_entry() {
    std::string entry = "host:" + name();
    return below(2) == 0 ? entry : entry + " until " + std::to_string(1 + below(20));
  }
  SelectorInput make_selector() {
    SelectorInput made;
    for (std::uint32_t n = below(3); n > 0; --n) made.realms.push_back(static_cast<std::uint16_t>(below(4)));
    for (std::uint32_t n = below(4) + (made.realms.empty() ? 1 : 0); n > 0; --n) {
      const std::string text = below(2) == 0
                                   ? "198.51.100." + std::to_string(below(256)) + "/" + std::to_string(22 + below(11))
                                   : "2001:db8::" + std::to_string(below(10)) + "/" + std::to_string(120 + below(9));
      made.prefixes.push_back(*AddressPrefix::parse(text));
    }
    return made;
  }
  static bool any(const std::vector<SelectorInput>& selectors, const Subscriber& who) {
    const auto address = address_of(who.address);
    return std::ranges::any_of(selectors, [&](const SelectorInput& one) {
      return (one.realms.empty() || std::ranges::count(one.realms, who.realm) > 0) &&
             (one.prefixes.empty() || std::ranges::any_of(one.prefixes, [&](const AddressPrefix& prefix) {
                return prefix.is_ipv4() != who.address.contains(':') && prefix.holds(address);
              }));
    });
  }
  static bool lists_name(const TinyEntries& list, const std::string& name, std::uint64_t now_s) {
    return std::ranges::any_of(list.entries, [&](const std::string& entry) {
      if (entry.substr(5, name.size()) != name) return false;
      const auto until = entry.find(" until ");
      return until == entry.npos || now_s < std::stoul(entry.substr(until + 7));
    });
  }

  std::mt19937 random_;
  std::vector<TinyEntries> lists_;
};

TEST(Standing, ANaiveReadingOfTheSameListsAgrees) {
  int some = 0, none = 0;
  for (std::uint32_t seed = 1; seed <= 200; ++seed) {
    RandomLists lists(seed);
    const TinyList compiled(lists.lists());
    for (int question = 0; question < 200; ++question) {
      const std::string name = lists.name();
      const std::uint64_t now_s = lists.below(22);
      const Subscriber who{static_cast<std::uint16_t>(lists.below(4)), lists.address()};
      const std::uint32_t expected = lists.naive(name, now_s, who);
      ASSERT_EQ(standing(compiled, name, now_s, who), expected) << "seed " << seed;
      ++(expected != 0 ? some : none);
    }
  }
  EXPECT_GT(some, 1000);
  EXPECT_GT(none, 1000);
}

}  // namespace
}  // namespace parapet::snapshot
