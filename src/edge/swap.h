// SPDX-License-Identifier: Apache-2.0
// Taking over a newly published snapshot while the workers run: private copy, check, one pointer, then the old one
// goes.
#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/result.h"
#include "counters/layout.h"
#include "digest/key.h"
#include "snapshot/snapshot.h"

struct rte_rcu_qsbr;

namespace parapet::edge {

// One snapshot in this process: a locked, wiped-when-gone copy for each NUMA node. Immutable, but for
// the clock.
class LoadedSnapshot {
 public:
  // Reads the file and checks the copies, so that nobody can change what was checked.
  //   nodes    NUMA nodes that workers run on
  //   clock    asked once what time it is, and as follow_clock() says
  //   refusal  why not, where it fails
  static Result<std::unique_ptr<LoadedSnapshot>> load(const std::string& path, const digest::Key& key,
                                                      std::span<const unsigned> nodes, const Clock& clock,
                                                      counters::SnapshotRefusal& refusal);
  ~LoadedSnapshot();
  LoadedSnapshot(const LoadedSnapshot&) = delete;
  LoadedSnapshot& operator=(const LoadedSnapshot&) = delete;

  Generation generation() const noexcept { return copies_.front().view->generation(); }
  const snapshot::Snapshot& any() const noexcept { return *copies_.front().view; }
  const snapshot::Snapshot& on_node(unsigned node) const noexcept;
  // Trusted real time minus CLOCK_MONOTONIC, modulo 2^64.  thread: any
  Nanoseconds ahead_ns() const noexcept { return ahead_ns_.load(std::memory_order_relaxed); }
  // False: the snapshot is of an earlier boot, and the wall clock cannot be right (snapshot/trusted_time.h).
  bool clock_believed() const noexcept { return clock_believed_; }
  // CLOCK_MONOTONIC stands still while the machine sleeps; trusted time does not.  thread: control
  void follow_clock(const Clock& clock) noexcept;

 private:
  struct Copy {
    unsigned node;
    MutableBytes memory;
    std::unique_ptr<const snapshot::Snapshot> view;
  };
  LoadedSnapshot() = default;
  std::vector<Copy> copies_;
  Nanoseconds boot_realtime_ns_ = 0;  // trusted real time minus CLOCK_BOOTTIME; as it was at load, for good
  bool clock_believed_ = true;
  std::atomic<Nanoseconds> ahead_ns_ = 0;
};

// The pointer that the workers read, and the grace period that lets the old one go.
//   thread  read(), report_quiescent(), go_offline(), go_online(): worker; the rest: control
class SnapshotSlot {
 public:
  // errors  limit (memory)
  static Result<std::unique_ptr<SnapshotSlot>> create(std::size_t workers);
  ~SnapshotSlot();
  SnapshotSlot(const SnapshotSlot&) = delete;
  SnapshotSlot& operator=(const SnapshotSlot&) = delete;

  // Valid until this worker's next report_quiescent() or go_offline().
  const LoadedSnapshot* read() const noexcept { return current_.load(std::memory_order_acquire); }
  void report_quiescent(WorkerIndex worker) noexcept;
  void go_offline(WorkerIndex worker) noexcept;
  void go_online(WorkerIndex worker) noexcept;

  // Puts `next` in force and returns after every worker that runs has let go of the old one, which is freed.
  void exchange(std::unique_ptr<LoadedSnapshot> next) noexcept;

 private:
  SnapshotSlot() = default;
  rte_rcu_qsbr* quiescence_ = nullptr;
  std::atomic<const LoadedSnapshot*> current_{nullptr};
};

struct SwapOptions {
  std::string snapshot_file;
  std::vector<unsigned> nodes;
  std::span<counters::WorkerBlock* const> workers;  // where each says which generation it uses
};

// Watches the file's folder and swaps.  thread: control
class SnapshotSwap {
 public:
  // errors  not_found · permission (the folder cannot be watched)
  static Result<std::unique_ptr<SnapshotSwap>> create(SwapOptions options, const digest::Key& key, SnapshotSlot& slot,
                                                      counters::Header& header);

  int watch_fd() const noexcept { return watch_.get(); }
  bool awaits_workers() const noexcept { return awaits_workers_; }
  // Empties the watch; whether the snapshot file may have changed.
  bool drain_watch() noexcept;
  // Reads the file and puts it in force, or counts the refusal and keeps what is in force. A missing file at start is
  // no refusal: then nothing was published yet.
  void take_published(const Clock& clock) noexcept;
  void follow_clock(const Clock& clock) noexcept;  // every now and then
  // Writes the applied generation once every worker uses it.
  void acknowledge(const Clock& clock) noexcept;

 private:
  SnapshotSwap(SwapOptions options, const digest::Key& key, SnapshotSlot& slot, counters::Header& header, Fd watch);
  void refuse(counters::SnapshotRefusal refusal, Generation generation, const Error& error) noexcept;

  SwapOptions options_;
  const digest::Key& key_;
  SnapshotSlot& slot_;
  counters::Header& header_;
  Fd watch_;
  std::string file_name_;
  LoadedSnapshot* in_force_ = nullptr;  // what the slot holds
  bool awaits_workers_ = false;         // not acknowledged yet
};

}  // namespace parapet::edge
