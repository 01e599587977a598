// SPDX-License-Identifier: Apache-2.0
// Watching, exchanging, reclaiming, acknowledging.
#include "edge/swap.h"

#include <rte_rcu_qsbr.h>
#include <sys/inotify.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/log.h"

namespace parapet::edge {

using counters::SnapshotRefusal;

Result<std::unique_ptr<SnapshotSlot>> SnapshotSlot::create(std::size_t workers) {
  std::unique_ptr<SnapshotSlot> slot(new SnapshotSlot);
  const auto threads = static_cast<std::uint32_t>(workers);
  slot->quiescence_ =
      static_cast<rte_rcu_qsbr*>(std::aligned_alloc(RTE_CACHE_LINE_SIZE, rte_rcu_qsbr_get_memsize(threads)));
  if (slot->quiescence_ == nullptr) return fail(ErrorCode::limit, "taking memory for quiescent states");
  rte_rcu_qsbr_init(slot->quiescence_, threads);
  for (std::uint32_t worker = 0; worker < threads; ++worker) rte_rcu_qsbr_thread_register(slot->quiescence_, worker);
  return slot;
}

SnapshotSlot::~SnapshotSlot() {
  delete current_.load();
  std::free(quiescence_);
}

void SnapshotSlot::report_quiescent(WorkerIndex worker) noexcept { rte_rcu_qsbr_quiescent(quiescence_, worker.value); }
void SnapshotSlot::go_offline(WorkerIndex worker) noexcept { rte_rcu_qsbr_thread_offline(quiescence_, worker.value); }
void SnapshotSlot::go_online(WorkerIndex worker) noexcept { rte_rcu_qsbr_thread_online(quiescence_, worker.value); }

void SnapshotSlot::exchange(std::unique_ptr<LoadedSnapshot> next) noexcept {
  const LoadedSnapshot* old = current_.exchange(next.release(), std::memory_order_acq_rel);
  rte_rcu_qsbr_synchronize(quiescence_, RTE_QSBR_THRID_INVALID);
  delete old;
}

SnapshotSwap::SnapshotSwap(SwapOptions options, const digest::Key& key, SnapshotSlot& slot, counters::Header& header,
                           Fd watch)
    : options_(std::move(options)),
      key_(key),
      slot_(slot),
      header_(header),
      watch_(std::move(watch)),
      file_name_(options_.snapshot_file.substr(options_.snapshot_file.rfind('/') + 1)) {}

Result<std::unique_ptr<SnapshotSwap>> SnapshotSwap::create(SwapOptions options, const digest::Key& key,
                                                           SnapshotSlot& slot, counters::Header& header) {
  Fd watch(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (!watch.valid()) return fail_errno("inotify_init1");
  const auto slash = options.snapshot_file.rfind('/');
  const std::string folder = slash == 0 ? "/" : options.snapshot_file.substr(0, slash);
  if (::inotify_add_watch(watch.get(), folder.c_str(), IN_MOVED_TO | IN_CLOSE_WRITE | IN_ONLYDIR) < 0) {
    return fail_errno("watching " + folder);
  }
  return std::unique_ptr<SnapshotSwap>(new SnapshotSwap(std::move(options), key, slot, header, std::move(watch)));
}

bool SnapshotSwap::drain_watch() noexcept {
  alignas(inotify_event) std::array<char, 4096> buffer;
  bool changed = false;
  for (;;) {
    const ssize_t length = ::read(watch_.get(), buffer.data(), buffer.size());
    if (length <= 0) return changed;
    for (ssize_t at = 0; at < length;) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
      // An overflowed queue may have lost ours.
      if ((event->mask & IN_Q_OVERFLOW) != 0 || (event->len > 0 && file_name_ == event->name)) changed = true;
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
    }
  }
}

void SnapshotSwap::refuse(SnapshotRefusal refusal, Generation generation, const Error& error) noexcept {
  counters::add(header_.refused_snapshots);
  counters::set(header_.refused_generation, generation);
  __atomic_store_n(&header_.refusal, static_cast<std::uint32_t>(refusal), __ATOMIC_RELAXED);
  log_event(LogLevel::error, "snapshot_refused",
            {{"generation", generation}, {"code", name_of(error.code)}, {"context", error.context}});
}

void SnapshotSwap::take_published(const Clock& clock) noexcept {
  SnapshotRefusal refusal = SnapshotRefusal::none;
  auto loaded = LoadedSnapshot::load(options_.snapshot_file, key_, options_.nodes, clock, refusal);
  if (!loaded) {
    if (loaded.error().code == ErrorCode::not_found && in_force_ == nullptr) return;
    return refuse(refusal, 0, loaded.error());
  }
  const Generation generation = (*loaded)->generation();
  if (in_force_ != nullptr && generation < in_force_->generation()) {
    return refuse(SnapshotRefusal::older, generation,
                  Error{ErrorCode::refused, "generation " + std::to_string(generation) + " is older than " +
                                                std::to_string(in_force_->generation()) + ", which is in force"});
  }
  __atomic_store_n(&header_.refusal, 0u, __ATOMIC_RELAXED);
  if (in_force_ != nullptr && generation == in_force_->generation()) return;
  in_force_ = loaded->get();
  if (!in_force_->clock_believed()) log_event(LogLevel::error, "clock_not_believed", {{"generation", generation}});
  slot_.exchange(std::move(*loaded));
  awaits_workers_ = true;
}

void SnapshotSwap::follow_clock(const Clock& clock) noexcept {
  if (in_force_ != nullptr) in_force_->follow_clock(clock);
}

void SnapshotSwap::acknowledge(const Clock& clock) noexcept {
  if (!awaits_workers_) return;
  const Generation generation = in_force_->generation();
  const bool all = std::ranges::all_of(options_.workers, [generation](const counters::WorkerBlock* block) {
    return counters::get(block->generation) == generation;
  });
  if (!all) return;
  awaits_workers_ = false;
  const auto lists = in_force_->any().lists();
  for (std::size_t i = 0; i < lists.size() && i < counters::kMaxLists; ++i)
    counters::set(header_.list_id[i], lists[i].list_id);
  __atomic_store_n(&header_.list_count, static_cast<std::uint32_t>(lists.size()), __ATOMIC_RELAXED);
  counters::set(header_.published_realtime_ns, in_force_->any().header().created_realtime_ns);
  counters::set(header_.applied_realtime_ns, clock.realtime_ns());
  __atomic_store_n(&header_.applied_generation, generation, __ATOMIC_RELEASE);
  log_event(LogLevel::info, "snapshot_applied",
            {{"generation", generation},
             {"entries", in_force_->any().header().entry_count},
             {"lists", static_cast<std::uint64_t>(lists.size())}});
}

}  // namespace parapet::edge
