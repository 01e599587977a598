// SPDX-License-Identifier: Apache-2.0
// Suspensions: what they lift, how long, and who can make them last.
#include "lists/hold/suspensions.h"

#include <gtest/gtest.h>

#include "digested.h"
#include "lists/compile/entry_id.h"
#include "temp_folder.h"

namespace parapet::lists {
namespace {

using support::digested;
using support::kListKey;

constexpr std::uint64_t kSuspendedAt = 1'795'900'000;

class SuspensionsTest : public testing::Test {
 protected:
  SuspensionsTest() { reload(); }
  void reload() {
    auto loaded = Suspensions::load(folder.file("suspensions"), kListKey);
    ASSERT_TRUE(loaded) << loaded.error().context;
    suspensions.emplace(std::move(*loaded));
  }
  static SuspensionTarget target(std::string_view text) { return *SuspensionTarget::parse(text, kListKey); }
  Result<Suspension> begin(std::string_view text, std::string by = "anna") {
    return suspensions->begin(target(text), "ticket 7", std::move(by), kSuspendedAt);
  }
  // How many of the list's entries a suspension of that host lifts.
  static std::size_t lifts(std::string_view host, std::string_view list) {
    return target(host).entries_of(digested(list)).size();
  }

  support::TempFolder folder;
  std::optional<Suspensions> suspensions;
};

TEST_F(SuspensionsTest, AHostIsAllThatStopsItAndAllThatStandsOnIt) {
  EXPECT_EQ(lifts("www.example.test", "www.example.test\n"), 1u);
  EXPECT_EQ(lifts("www.example.test", "http://www.example.test/a\nhttp://www.example.test:8080/b\n"), 2u);
  auto domains = support::source_named("hotline");
  domains.bare_host_is_domain = true;
  domains.url_is_prefix = true;
  const auto list = digested("example.test\nother.test\nhttp://www.example.test/a/\n", domains);
  EXPECT_EQ(target("www.example.test").entries_of(list).size(), 2u) << "the domain above and the prefix on it";
  EXPECT_EQ(target("other.test").entries_of(list).size(), 1u);
}

TEST_F(SuspensionsTest, AHostLeavesItsNeighboursAlone) {
  EXPECT_EQ(lifts("www.example.test", "example.test\nsub.www.example.test\nhttp://example.test/a\nwww2.example.test\n"),
            0u);
}

TEST_F(SuspensionsTest, AnEntryIsThatOneAlone) {
  const auto list = digested("a.example.test\nb.example.test\n");
  const EntryId id{list.entries[0].id};
  EXPECT_EQ(target(format_entry_id(id)).entries_of(list), std::vector<EntryId>{id});
}

TEST_F(SuspensionsTest, WhatIsNeitherEntryNorHostIsRefused) {
  for (const std::string_view text : {"", "localhost", "http://a.example.test/", "203473680f7dca5", "a b.test"}) {
    EXPECT_EQ(SuspensionTarget::parse(text, kListKey).error().code, ErrorCode::invalid_argument) << text;
  }
}

TEST_F(SuspensionsTest, OneStaysOverListUpdatesAndRestarts) {
  ASSERT_TRUE(begin("www.example.test"));
  EXPECT_EQ(suspensions->lifted(digested("www.example.test\nother.test\n")).size(), 1u);
  reload();
  EXPECT_EQ(suspensions->lifted(digested("new.test\nhttp://www.example.test/later\n")).size(), 1u);
}

TEST_F(SuspensionsTest, ItEndsByItselfAfterADay) {
  ASSERT_TRUE(begin("www.example.test"));
  EXPECT_TRUE(suspensions->end_due(kSuspendedAt + kSuspensionSeconds - 1)->empty());
  EXPECT_EQ(suspensions->end_due(kSuspendedAt + kSuspensionSeconds)->size(), 1u);
  EXPECT_TRUE(suspensions->all().empty());
  reload();
  EXPECT_TRUE(suspensions->all().empty());
}

TEST_F(SuspensionsTest, AnotherPersonMakesItLastAndTheSameOneCannot) {
  ASSERT_TRUE(begin("www.example.test"));
  EXPECT_EQ(suspensions->confirm(1, "anna", kSuspendedAt).error().code, ErrorCode::refused);
  ASSERT_TRUE(suspensions->confirm(1, "boris", kSuspendedAt));
  EXPECT_TRUE(suspensions->end_due(kSuspendedAt + 100 * kSuspensionSeconds)->empty());
  reload();
  EXPECT_EQ(suspensions->all()[0].confirmed_by, "boris");
  EXPECT_EQ(suspensions->confirm(1, "carla", kSuspendedAt).error().code, ErrorCode::refused);
  EXPECT_TRUE(suspensions->end(1));
  EXPECT_TRUE(suspensions->all().empty());
}

TEST_F(SuspensionsTest, OneThatIsOverCannotBeConfirmed) {
  ASSERT_TRUE(begin("www.example.test"));
  EXPECT_EQ(suspensions->confirm(1, "boris", kSuspendedAt + kSuspensionSeconds).error().code, ErrorCode::not_found);
  EXPECT_EQ(suspensions->confirm(2, "boris", kSuspendedAt).error().code, ErrorCode::not_found);
}

TEST_F(SuspensionsTest, FiveStandAndNoSixth) {
  for (const std::string_view host : {"a.test.invalid", "b.test.invalid", "c.test.invalid", "d.test.invalid"}) {
    ASSERT_TRUE(begin(host));
  }
  EXPECT_EQ(begin("a.test.invalid").error().code, ErrorCode::refused) << "it stands already";
  ASSERT_TRUE(begin("e.test.invalid"));
  EXPECT_EQ(begin("f.test.invalid").error().code, ErrorCode::limit);
  ASSERT_TRUE(suspensions->end(2));
  EXPECT_EQ(begin("f.test.invalid")->number, 6u) << "numbers do not come again";
}

TEST_F(SuspensionsTest, AReasonCannotHoldAName) {
  for (const std::string_view good : {"appeal 17", "ticket #4711", "false-block"}) EXPECT_TRUE(is_reason(good)) << good;
  for (const std::string_view bad : {"", "www.example.test", "a/b", "caf\xc3\xa9", "a\nb"})
    EXPECT_FALSE(is_reason(bad)) << bad;
}

TEST_F(SuspensionsTest, TheFileHoldsNoNameAndIsRefusedWhereItWasChanged) {
  ASSERT_TRUE(begin("www.example.test"));
  auto bytes = folder.read("suspensions");
  EXPECT_EQ(bytes.find("example"), std::string::npos);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    auto changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 4);
    folder.write("suspensions", changed);
    EXPECT_FALSE(Suspensions::load(folder.file("suspensions"), kListKey)) << i;
  }
}

}  // namespace
}  // namespace parapet::lists
