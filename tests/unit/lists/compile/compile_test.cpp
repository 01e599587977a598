// SPDX-License-Identifier: Apache-2.0
// What of the digested lists stands in the snapshot, and until when.
#include "lists/compile/compile.h"

#include <gtest/gtest.h>
#include <map>

#include "digested.h"
#include "snapshot/snapshot.h"

namespace parapet::lists {
namespace {

using support::kListKey;

constexpr std::uint64_t kMade = 1000;  // seconds since 1970
constexpr std::array<std::uint8_t, 16> kSubscriber{};

std::shared_ptr<const DigestedList> csv_list(std::string_view name, std::string_view rows) {
  auto source = support::source_named(name);
  source.format = config::FeedFormat::csv;
  source.csv = {.header = false, .value_column = "1", .ends_column = "2"};
  return std::make_shared<const DigestedList>(support::digested(rows, source));
}

class Compiled {
 public:
  explicit Compiled(std::vector<std::shared_ptr<const DigestedList>> lists) {
    std::vector<CompileInput> inputs;
    for (auto& list : lists) {
      inputs.push_back({.state = config::SourceState::enforce, .list = std::move(list), .lifted = {}, .allowed = {}});
    }
    auto bytes = compile_snapshot(inputs, kListKey, 1, {.realtime_ns = kMade * kNanosecondsPerSecond});
    EXPECT_TRUE(bytes);
    bytes_.emplace(std::move(*bytes));
    auto snapshot = snapshot::Snapshot::open(bytes_->view(), kListKey);
    EXPECT_TRUE(snapshot);
    snapshot_.emplace(std::move(*snapshot));
  }

  bool holds(const char* name) const { return find(name).value != snapshot::kEmptySlot; }
  // Whether some list's rule for that host stands then.
  bool stops(const char* name, std::uint64_t at_s) const {
    if (!holds(name)) return false;
    const snapshot::Occasion occasion{at_s * kNanosecondsPerSecond, {}, &kSubscriber, false};
    return std::ranges::any_of(snapshot_->rules_of(find(name)),
                               [&](const auto& rule) { return snapshot_->stands(rule, occasion); });
  }

 private:
  RuleSetIndex find(const char* name) const {
    return snapshot_->find(digest::digest_entry(kListKey, *canon::parse_entry(name, {}), 1).digest);
  }
  std::optional<snapshot::SnapshotBytes> bytes_;
  std::optional<snapshot::Snapshot> snapshot_;
};

TEST(Compile, AnEntryIsReleasedAtItsEnd) {
  const Compiled compiled({csv_list("hotline", "a.example.test,1970-01-01T00:20:00Z\nb.example.test,\n")});
  EXPECT_TRUE(compiled.stops("a.example.test", 1199));
  EXPECT_FALSE(compiled.stops("a.example.test", 1200));
  EXPECT_TRUE(compiled.stops("b.example.test", 1200));
}

TEST(Compile, WhatHasEndedAlreadyIsLeftOut) {
  const Compiled compiled({csv_list(
      "hotline", "a.example.test,1970-01-01T00:16:40Z\nb.example.test,1970-01-01T00:16:41Z\nc.example.test,\n")});
  EXPECT_FALSE(compiled.holds("a.example.test"));
  EXPECT_TRUE(compiled.holds("b.example.test"));
  EXPECT_TRUE(compiled.holds("c.example.test"));
}

TEST(Compile, OfOneEntryTwiceInAListTheLaterEndCounts) {
  const Compiled compiled({csv_list("hotline",
                                    "a.example.test,1970-01-02\nA.example.test.,1970-01-03\n"
                                    "b.example.test,1970-01-03\nb.example.test,\nb.example.test,1970-01-02\n"
                                    "c.example.test,1970-01-01T00:00:01Z\nc.example.test,1970-01-02\n")});
  EXPECT_TRUE(compiled.stops("a.example.test", 2 * 86'400 - 1));
  EXPECT_FALSE(compiled.stops("a.example.test", 2 * 86'400));
  EXPECT_TRUE(compiled.stops("b.example.test", 4'000'000'000)) << "no end wins";
  EXPECT_TRUE(compiled.stops("c.example.test", kMade));
}

TEST(Compile, AnEntryIsStoppedAsLongAsAnyListHoldsIt) {
  const Compiled compiled({csv_list("one", "a.example.test,1970-01-02\nb.example.test,1970-01-01T00:00:01Z\n"),
                           csv_list("two", "a.example.test,1970-01-03\nb.example.test,1970-01-02\n")});
  EXPECT_TRUE(compiled.stops("a.example.test", 2 * 86'400 - 1));
  EXPECT_FALSE(compiled.stops("a.example.test", 2 * 86'400));
  EXPECT_TRUE(compiled.stops("b.example.test", 86'399));
}

}  // namespace
}  // namespace parapet::lists
