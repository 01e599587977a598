// SPDX-License-Identifier: Apache-2.0
// Taking over a published snapshot, and refusing one.
#include <gtest/gtest.h>
#include <array>
#include <atomic>
#include <chrono>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/file.h"
#include "canon/entry.h"
#include "digest/entry.h"
#include "edge/swap.h"
#include "snapshot/builder.h"
#include "temp_folder.h"

namespace parapet::edge {
namespace {

using counters::SnapshotRefusal;

constexpr digest::Key kKey{0x1122334455667788, 0x99aabbccddeeff00};
constexpr digest::Key kOtherKey{1, 2};

std::vector<std::uint8_t> snapshot_bytes(Generation generation, const digest::Key& key = kKey) {
  const auto kind = canon::EntryKind::host;
  const auto entry = canon::parse_entry("listed.example.test", {}, &kind);
  const std::array<digest::DigestedEntry, 1> digested{digest::digest_entry(key, *entry, 1)};
  const std::array<snapshot::ListInput, 1> lists{{{"hotline", snapshot::ListState::enforce, digested}}};
  const auto bytes = snapshot::build_snapshot(lists, key, generation, 1234);
  return {bytes->view().begin(), bytes->view().end()};
}

class Swap : public testing::Test {
 protected:
  void start(std::size_t workers = 1) {
    blocks_.resize(workers);
    for (auto& block : blocks_) block_pointers_.push_back(&block);
    auto slot = SnapshotSlot::create(workers);
    ASSERT_TRUE(slot);
    slot_ = std::move(*slot);
    auto swap = SnapshotSwap::create({path(), {0}, block_pointers_}, kKey, *slot_, *header_);
    ASSERT_TRUE(swap);
    swap_ = std::move(*swap);
  }
  std::string path() const { return folder_.file("snapshot"); }
  void publish(const std::vector<std::uint8_t>& bytes) { ASSERT_TRUE(replace_file(path(), bytes, 0600)); }
  SnapshotRefusal refusal() const { return static_cast<SnapshotRefusal>(header_->refusal); }
  Generation in_force() const { return slot_->read() == nullptr ? 0 : slot_->read()->generation(); }

  support::TempFolder folder_;
  std::unique_ptr<counters::Header> header_ = std::make_unique<counters::Header>();
  std::vector<counters::WorkerBlock> blocks_;
  std::vector<counters::WorkerBlock*> block_pointers_;
  std::unique_ptr<SnapshotSlot> slot_;
  std::unique_ptr<SnapshotSwap> swap_;
  SystemClock clock_;
};

TEST_F(Swap, nothing_published_yet_is_no_refusal) {
  start();
  swap_->take_published();
  EXPECT_EQ(slot_->read(), nullptr);
  EXPECT_EQ(header_->refused_snapshots, 0u);
}

TEST_F(Swap, a_published_snapshot_comes_into_force) {
  start();
  publish(snapshot_bytes(7));
  EXPECT_TRUE(swap_->drain_watch());
  swap_->take_published();
  EXPECT_EQ(in_force(), 7u);
  EXPECT_EQ(refusal(), SnapshotRefusal::none);
}

TEST_F(Swap, other_files_of_the_folder_are_not_ours) {
  start();
  folder_.write("neighbour", "text");
  EXPECT_FALSE(swap_->drain_watch());
}

TEST_F(Swap, is_acknowledged_only_when_every_worker_uses_it) {
  start(2);
  publish(snapshot_bytes(7));
  swap_->take_published();
  EXPECT_TRUE(swap_->awaits_workers());
  swap_->acknowledge(clock_);
  EXPECT_EQ(header_->applied_generation, 0u);
  blocks_[0].generation = 7;
  swap_->acknowledge(clock_);
  EXPECT_EQ(header_->applied_generation, 0u);
  blocks_[1].generation = 7;
  swap_->acknowledge(clock_);
  EXPECT_EQ(header_->applied_generation, 7u);
  EXPECT_EQ(header_->published_realtime_ns, 1234u);
  EXPECT_GT(header_->applied_realtime_ns, 0u);
  EXPECT_EQ(header_->list_count, 1u);
  EXPECT_FALSE(swap_->awaits_workers());
}

TEST_F(Swap, a_wrong_checksum_is_refused_and_what_is_in_force_stays) {
  start();
  publish(snapshot_bytes(7));
  swap_->take_published();
  for (const std::size_t at : {sizeof(snapshot::Header), snapshot_bytes(8).size() - 1, std::size_t{60}}) {
    auto bytes = snapshot_bytes(8);
    bytes[at] ^= 1;
    publish(bytes);
    swap_->take_published();
    EXPECT_EQ(refusal(), SnapshotRefusal::checksum);
    EXPECT_EQ(in_force(), 7u);
  }
  EXPECT_EQ(header_->refused_snapshots, 3u);
}

TEST_F(Swap, another_installations_snapshot_is_refused_by_its_key) {
  start();
  publish(snapshot_bytes(8, kOtherKey));
  swap_->take_published();
  EXPECT_EQ(refusal(), SnapshotRefusal::key);
  EXPECT_EQ(in_force(), 0u);
}

TEST_F(Swap, another_version_is_refused_by_its_version) {
  start();
  auto bytes = snapshot_bytes(8);
  bytes[8] ^= 0x40;  // major
  publish(bytes);
  swap_->take_published();
  EXPECT_EQ(refusal(), SnapshotRefusal::version);
}

TEST_F(Swap, an_older_generation_is_refused) {
  start();
  publish(snapshot_bytes(7));
  swap_->take_published();
  publish(snapshot_bytes(6));
  swap_->take_published();
  EXPECT_EQ(refusal(), SnapshotRefusal::older);
  EXPECT_EQ(header_->refused_generation, 6u);
  EXPECT_EQ(in_force(), 7u);
}

TEST_F(Swap, a_file_cut_anywhere_is_refused) {
  start();
  const auto whole = snapshot_bytes(7);
  for (std::size_t length = 0; length < whole.size(); length += 37) {
    publish({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)});
    swap_->take_published();
    ASSERT_EQ(in_force(), 0u) << length;
    ASSERT_NE(refusal(), SnapshotRefusal::none) << length;
  }
}

TEST_F(Swap, a_good_snapshot_after_a_refused_one_clears_the_refusal) {
  start();
  publish({1, 2, 3});
  swap_->take_published();
  EXPECT_EQ(refusal(), SnapshotRefusal::malformed);
  publish(snapshot_bytes(9));
  swap_->take_published();
  EXPECT_EQ(refusal(), SnapshotRefusal::none);
  EXPECT_EQ(in_force(), 9u);
}

TEST_F(Swap, a_folder_in_its_place_is_refused) {
  start();
  std::filesystem::create_directory(path());
  swap_->take_published();
  EXPECT_EQ(refusal(), SnapshotRefusal::unreadable);
}

TEST_F(Swap, the_old_one_stays_until_its_reader_is_quiescent) {
  start();
  publish(snapshot_bytes(1));
  swap_->take_published();
  slot_->go_online({0});
  const LoadedSnapshot* old = slot_->read();
  std::atomic<bool> exchanged{false};
  publish(snapshot_bytes(2));
  std::thread control([&] {
    swap_->take_published();
    exchanged = true;
  });
  while (in_force() != 2) std::this_thread::yield();
  // The reader has not reported: what it holds must still be whole.
  EXPECT_FALSE(exchanged);
  EXPECT_EQ(old->generation(), 1u);
  slot_->report_quiescent({0});
  control.join();
  EXPECT_TRUE(exchanged);
  slot_->go_offline({0});
}

TEST_F(Swap, a_sleeping_worker_does_not_hold_up_the_exchange) {
  start(2);
  slot_->go_online({0});
  slot_->go_offline({0});
  publish(snapshot_bytes(1));
  swap_->take_published();
  publish(snapshot_bytes(2));
  swap_->take_published();
  EXPECT_EQ(in_force(), 2u);
}

}  // namespace
}  // namespace parapet::edge
