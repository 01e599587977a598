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
#include "fake_clock.h"
#include "snapshot/builder.h"
#include "temp_folder.h"

namespace parapet::edge {
namespace {

using counters::SnapshotRefusal;

constexpr digest::Key kKey{0x1122334455667788, 0x99aabbccddeeff00};
constexpr digest::Key kOtherKey{1, 2};

std::vector<std::uint8_t> snapshot_bytes(Generation generation, const digest::Key& key = kKey,
                                         const snapshot::Moment& created = {.realtime_ns = 1234}) {
  const auto kind = canon::EntryKind::host;
  const auto entry = canon::parse_entry("listed.example.test", {}, &kind);
  const std::array<digest::DigestedEntry, 1> digested{digest::digest_entry(key, *entry, 1)};
  const std::array<snapshot::ListInput, 1> lists{{{"hotline", snapshot::ListState::enforce, digested}}};
  const auto bytes = snapshot::build_snapshot(lists, key, generation, created);
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
  swap_->take_published(clock_);
  EXPECT_EQ(slot_->read(), nullptr);
  EXPECT_EQ(header_->refused_snapshots, 0u);
}

TEST_F(Swap, a_published_snapshot_comes_into_force) {
  start();
  publish(snapshot_bytes(7));
  EXPECT_TRUE(swap_->drain_watch());
  swap_->take_published(clock_);
  EXPECT_EQ(in_force(), 7u);
  EXPECT_EQ(refusal(), SnapshotRefusal::none);
}

// What workers take the time to be.
Nanoseconds trusted(const LoadedSnapshot& loaded, const Clock& clock) {
  return clock.monotonic_ns() + loaded.ahead_ns();
}

constexpr Nanoseconds kDay = 86'400 * kNanosecondsPerSecond;

TEST_F(Swap, time_runs_from_the_snapshots_making_whatever_is_done_to_the_clock) {
  support::FakeClock clock;
  start();
  const Nanoseconds made = clock.realtime_ns();
  publish(snapshot_bytes(7, kKey, snapshot::Moment::now(clock)));
  clock.now_ns += kDay;
  clock.set_ahead_ns = 3650 * kDay;
  swap_->take_published(clock);
  const LoadedSnapshot& loaded = *slot_->read();
  EXPECT_EQ(trusted(loaded, clock), made + kDay);
  for (const Nanoseconds jump : {Nanoseconds{0} - 3650 * kDay, 3650 * kDay}) {
    clock.set_ahead_ns = jump;
    clock.now_ns += kDay;
    swap_->follow_clock(clock);
  }
  EXPECT_EQ(trusted(loaded, clock), made + 3 * kDay);
}

TEST_F(Swap, after_a_reboot_a_believable_clock_tells_the_time_and_another_does_not) {
  support::FakeClock clock;
  start();
  const auto bytes = snapshot_bytes(7, kKey, snapshot::Moment::now(clock));
  const Nanoseconds made = clock.realtime_ns();
  publish(bytes);
  clock.reboot(3 * kDay);
  swap_->take_published(clock);
  EXPECT_EQ(trusted(*slot_->read(), clock), made + 3 * kDay + kNanosecondsPerSecond);
  publish(snapshot_bytes(8, kKey, {made, kNanosecondsPerSecond, {9}, true}));
  clock.set_ahead_ns += 3650 * kDay;
  swap_->take_published(clock);
  EXPECT_EQ(trusted(*slot_->read(), clock), made + clock.boottime_ns());
}

// CLOCK_MONOTONIC stands still meanwhile.
class SleepingClock final : public Clock {
 public:
  Nanoseconds monotonic_ns() const override { return 5 * kNanosecondsPerSecond; }
  Nanoseconds realtime_ns() const override { return kDay; }
  Nanoseconds boottime_ns() const override { return boottime; }
  BootId boot_id() const override { return {1}; }
  Nanoseconds boottime = 5 * kNanosecondsPerSecond;
};

TEST_F(Swap, the_time_that_the_machine_slept_counts) {
  SleepingClock clock;
  start();
  publish(snapshot_bytes(7, kKey, snapshot::Moment::now(clock)));
  swap_->take_published(clock);
  clock.boottime += kDay;
  swap_->follow_clock(clock);
  EXPECT_EQ(trusted(*slot_->read(), clock), 2 * kDay);
}

TEST_F(Swap, other_files_of_the_folder_are_not_ours) {
  start();
  folder_.write("neighbour", "text");
  EXPECT_FALSE(swap_->drain_watch());
}

TEST_F(Swap, is_acknowledged_only_when_every_worker_uses_it) {
  start(2);
  publish(snapshot_bytes(7));
  swap_->take_published(clock_);
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
  swap_->take_published(clock_);
  for (const std::size_t at : {sizeof(snapshot::Header), snapshot_bytes(8).size() - 1, std::size_t{60}}) {
    auto bytes = snapshot_bytes(8);
    bytes[at] ^= 1;
    publish(bytes);
    swap_->take_published(clock_);
    EXPECT_EQ(refusal(), SnapshotRefusal::checksum);
    EXPECT_EQ(in_force(), 7u);
  }
  EXPECT_EQ(header_->refused_snapshots, 3u);
}

TEST_F(Swap, another_installations_snapshot_is_refused_by_its_key) {
  start();
  publish(snapshot_bytes(8, kOtherKey));
  swap_->take_published(clock_);
  EXPECT_EQ(refusal(), SnapshotRefusal::key);
  EXPECT_EQ(in_force(), 0u);
}

TEST_F(Swap, another_version_is_refused_by_its_version) {
  start();
  auto bytes = snapshot_bytes(8);
  bytes[8] ^= 0x40;  // major
  publish(bytes);
  swap_->take_published(clock_);
  EXPECT_EQ(refusal(), SnapshotRefusal::version);
}

TEST_F(Swap, an_older_generation_is_refused) {
  start();
  publish(snapshot_bytes(7));
  swap_->take_published(clock_);
  publish(snapshot_bytes(6));
  swap_->take_published(clock_);
  EXPECT_EQ(refusal(), SnapshotRefusal::older);
  EXPECT_EQ(header_->refused_generation, 6u);
  EXPECT_EQ(in_force(), 7u);
}

TEST_F(Swap, a_file_cut_anywhere_is_refused) {
  start();
  const auto whole = snapshot_bytes(7);
  for (std::size_t length = 0; length < whole.size(); length += 37) {
    publish({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)});
    swap_->take_published(clock_);
    ASSERT_EQ(in_force(), 0u) << length;
    ASSERT_NE(refusal(), SnapshotRefusal::none) << length;
  }
}

TEST_F(Swap, a_good_snapshot_after_a_refused_one_clears_the_refusal) {
  start();
  publish({1, 2, 3});
  swap_->take_published(clock_);
  EXPECT_EQ(refusal(), SnapshotRefusal::malformed);
  publish(snapshot_bytes(9));
  swap_->take_published(clock_);
  EXPECT_EQ(refusal(), SnapshotRefusal::none);
  EXPECT_EQ(in_force(), 9u);
}

TEST_F(Swap, a_folder_in_its_place_is_refused) {
  start();
  std::filesystem::create_directory(path());
  swap_->take_published(clock_);
  EXPECT_EQ(refusal(), SnapshotRefusal::unreadable);
}

TEST_F(Swap, the_old_one_stays_until_its_reader_is_quiescent) {
  start();
  publish(snapshot_bytes(1));
  swap_->take_published(clock_);
  slot_->go_online({0});
  const LoadedSnapshot* old = slot_->read();
  std::atomic<bool> exchanged{false};
  publish(snapshot_bytes(2));
  std::thread control([&] {
    swap_->take_published(clock_);
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
  swap_->take_published(clock_);
  publish(snapshot_bytes(2));
  swap_->take_published(clock_);
  EXPECT_EQ(in_force(), 2u);
}

}  // namespace
}  // namespace parapet::edge
