// SPDX-License-Identifier: Apache-2.0
// Counts of shadow over changes of lists, of the edge and of parapetd; nothing is counted twice or for another list.
#include "lists/update/shadow_hits.h"

#include "snapshot/builder.h"
#include "updater_fixture.h"

namespace parapet::lists {
namespace {

constexpr Nanoseconds kNow = 1'795'900'000 * kNanosecondsPerSecond;

// What an edge's counters say.
class EdgeCounters {
 public:
  explicit EdgeCounters(std::vector<std::string> lists, std::uint64_t started = 1) { apply(std::move(lists), started); }
  void apply(std::vector<std::string> lists, std::uint64_t started = 1) {
    header_.start_realtime_ns = started;
    header_.list_count = static_cast<std::uint32_t>(lists.size());
    for (std::size_t i = 0; i < lists.size(); ++i) header_.list_id[i] = snapshot::list_id_of(lists[i]);
  }
  void hit(std::size_t slot, Protocol protocol, std::uint64_t times) {
    workers_[times % 2].list_hits[slot][index_of(protocol)] += times;
  }
  counters::Reading read() const { return {std::make_shared<counters::Header>(header_), workers_}; }

 private:
  counters::Header header_{};
  std::vector<counters::WorkerBlock> workers_ = std::vector<counters::WorkerBlock>(2);
};

class ShadowHitsTest : public testing::Test {
 protected:
  void begin(Generation generation, std::vector<ShadowList> lists) {
    hits.begin(generation, lists, edge.read(), kNow + generation);
  }
  HitsByProtocol all(const std::string& name) const { return hits.find(name)->all.requests; }
  HitsByProtocol version(const std::string& name) const { return hits.find(name)->version.requests; }

  support::TempFolder folder;
  EdgeCounters edge{{"a", "b"}};
  ShadowHits hits{folder.file("shadow_hits"), kListKey};
};

TEST_F(ShadowHitsTest, WhatTheEdgeCountedBeforeIsNotOfTheList) {
  edge.hit(0, Protocol::dns, 100);
  begin(7, {{"a", 3}});
  EXPECT_EQ(hits.begun(), 7u);
  EXPECT_EQ(all("a"), HitsByProtocol{});
  edge.hit(0, Protocol::dns, 5);
  edge.hit(0, Protocol::tls, 2);
  edge.hit(1, Protocol::dns, 9);
  hits.count(edge.read());
  hits.count(edge.read());
  EXPECT_EQ(all("a"), (HitsByProtocol{0, 2, 0, 5}));
  EXPECT_EQ(hits.find("a")->all.since_realtime_ns, kNow + 7);
  EXPECT_EQ(hits.find("a")->sequence, 3u);
  EXPECT_EQ(hits.find("b"), nullptr);
}

TEST_F(ShadowHitsTest, AVersionBeginsAnewAndTheListGoesOn) {
  begin(7, {{"a", 3}});
  edge.hit(0, Protocol::http, 5);
  begin(8, {{"a", 4}});
  edge.hit(0, Protocol::http, 2);
  hits.count(edge.read());
  EXPECT_EQ(all("a")[0], 7u);
  EXPECT_EQ(version("a")[0], 2u);
  EXPECT_EQ(hits.find("a")->version.generation, 8u);
  EXPECT_EQ(hits.find("a")->all.generation, 7u);
  begin(9, {});
  EXPECT_EQ(hits.find("a"), nullptr) << "it is not in shadow any more";
  edge.hit(0, Protocol::http, 50);
  begin(10, {{"a", 4}});
  EXPECT_EQ(all("a"), HitsByProtocol{});
}

TEST_F(ShadowHitsTest, ACounterThatBecomesAnotherListsIsNotTakenForIt) {
  begin(7, {{"a", 1}, {"b", 1}});
  edge.hit(0, Protocol::http, 5);
  edge.hit(1, Protocol::http, 50);
  hits.count(edge.read());
  edge.apply({"new", "a", "b"});
  begin(8, {{"a", 1}, {"b", 1}});
  EXPECT_EQ(all("a")[0], 5u);
  EXPECT_EQ(all("b")[0], 50u);
  edge.hit(1, Protocol::http, 3);
  hits.count(edge.read());
  EXPECT_EQ(all("a")[0], 8u);
  EXPECT_EQ(all("b")[0], 50u);
}

TEST_F(ShadowHitsTest, AnEdgeThatBeganAnewGoesOnFromZero) {
  begin(7, {{"a", 1}});
  edge.hit(0, Protocol::quic, 5);
  hits.count(edge.read());
  edge = EdgeCounters({}, 2);
  hits.count(edge.read());
  edge.apply({"a", "b"}, 2);
  edge.hit(0, Protocol::quic, 3);
  hits.count(edge.read());
  EXPECT_EQ(all("a")[2], 8u);
}

TEST_F(ShadowHitsTest, ARestartGoesOnCountingAndADamagedFileBeginsAnew) {
  begin(7, {{"a", 1}, {"b", 2}});
  edge.hit(0, Protocol::dns, 5);
  hits.count(edge.read());
  ASSERT_TRUE(hits.keep());
  edge.hit(0, Protocol::dns, 4);  // while nobody reads
  ShadowHits again(folder.file("shadow_hits"), kListKey);
  again.begin(7, std::vector<ShadowList>{{"a", 1}, {"b", 2}}, edge.read(), kNow + 99);
  EXPECT_EQ(again.find("a")->all.requests[3], 9u);
  EXPECT_EQ(again.find("a")->all.since_realtime_ns, kNow + 7);
  EXPECT_EQ(again.find("b")->sequence, 2u);
  auto bytes = folder.read("shadow_hits");
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  folder.write("shadow_hits", bytes);
  EXPECT_EQ(ShadowHits(folder.file("shadow_hits"), kListKey).find("a"), nullptr);
}

class ShadowOfUpdaterTest : public UpdaterTest {};

TEST_F(ShadowOfUpdaterTest, AListInShadowIsCountedFromWhenTheEdgeUsesIt) {
  options.sources[0].state = config::SourceState::shadow;
  auto updater = make();
  updater->load();
  updater->run();
  ASSERT_TRUE(updater->wait_for_first_attempts_ms(10'000));
  EXPECT_FALSE(updater->status().sources[0].shadow) << "no edge uses it";
  applied_generation = 1;
  for (int i = 0; i < 500 && !updater->status().sources[0].shadow; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  const auto shadow = updater->status().sources[0].shadow;
  ASSERT_TRUE(shadow);
  EXPECT_EQ(shadow->sequence, 1u);
  EXPECT_EQ(shadow->all.generation, 1u);
  updater->stop();
  EXPECT_TRUE(std::filesystem::exists(folder.file("state/shadow_hits")));
}

}  // namespace
}  // namespace parapet::lists
