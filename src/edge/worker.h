// SPDX-License-Identifier: Apache-2.0
// One worker: takes bursts from its queues, lets the pipeline judge them, sends them on. Runs to completion and shares
// nothing for writing but rings.
#pragma once

#include <poll.h>
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "counters/layout.h"
#include "edge/inbox.h"
#include "edge/port.h"
#include "edge/swap.h"
#include "packet/pipeline/pipeline.h"

struct rte_mbuf;
struct rte_mempool;

namespace parapet::edge {

using PortIndex = Id<struct PortTag, std::uint16_t>;  // as in the counter file: pair by pair, subscriber first

// A port in its place.
struct PlacedPort {
  std::unique_ptr<Port> port;
  PairIndex pair;
  Side side;
  Realm realm;
  PortIndex peer;
  std::uint16_t max_frame;
};

// Which worker serves which queue. Queues are dealt out one by one, so that fewer queues than workers still spread.
constexpr WorkerIndex owner_of_queue(PortIndex port, std::uint16_t queue, std::uint16_t workers) noexcept {
  return {static_cast<std::uint16_t>((port.value + queue) % workers)};
}
// The queue by which a worker's frames go out of a port, and whose it is: its own where it has one.
struct SendPlace {
  WorkerIndex owner;
  std::uint16_t queue;
};
constexpr SendPlace send_place(PortIndex port, WorkerIndex worker, std::uint16_t queues,
                               std::uint16_t workers) noexcept {
  const auto own = static_cast<std::uint16_t>((worker.value + workers - port.value % workers) % workers);
  const auto queue = own < queues ? own : static_cast<std::uint16_t>(worker.value % queues);
  return {owner_of_queue(port, queue, workers), queue};
}

// What the control thread may change while workers run; they look at `version` once a round.
struct LiveSettings {
  std::atomic<std::uint32_t> version{1};
  std::atomic<std::uint32_t> idle_sleep_us{50};
  std::atomic<bool> reset_tcp{true};
  std::atomic<std::uint64_t> idle_timeout_ns{0};
  std::atomic<std::uint64_t> block_hold_ns{0};
  std::atomic<bool> stop{false};
};

struct WorkerParts {
  WorkerIndex index;
  std::uint16_t worker_count;
  std::span<const PlacedPort> ports;
  std::span<const std::unique_ptr<Inbox>> inboxes;  // one a worker
  std::unique_ptr<packet::Pipeline> pipeline;
  const packet::Steering* steering;
  counters::WorkerBlock* block;
  SnapshotSlot* snapshots;
  rte_mempool* buffers;
  LiveSettings* settings;
  Nanoseconds heartbeat_timeout_ns;
};

class Worker {
 public:
  explicit Worker(WorkerParts parts);
  // Runs until settings->stop.  thread: this worker's own lcore
  void run() noexcept;
  // Deals with what other workers have left in the inbox; whether there was anything.  thread: control, when none runs
  bool finish() noexcept;

 private:
  struct Queue {
    PortIndex port;
    std::uint16_t queue;
  };

  void adopt_settings() noexcept;
  void keep_alive(Nanoseconds now) noexcept;
  void let_kernel_take_over() noexcept;
  packet::InForce in_force_of(const LoadedSnapshot* loaded) const noexcept;
  bool serve_queue(const Queue& queue, const packet::InForce& in_force, Nanoseconds now) noexcept;
  bool serve_inbox(const packet::InForce& in_force, Nanoseconds now) noexcept;
  packet::Frame view_of(rte_mbuf* frame) const noexcept;
  std::uint16_t hand_over_strays(rte_mbuf** frames, std::uint16_t count) noexcept;
  void judge(rte_mbuf** frames, std::uint16_t count, const packet::InForce& in_force, Nanoseconds now) noexcept;
  void inject(PairIndex pair) noexcept;
  void send(PortIndex out, rte_mbuf** frames, std::uint16_t count) noexcept;
  void transmit(PortIndex out, std::uint16_t queue, rte_mbuf** frames, std::uint16_t count) noexcept;
  void drop(rte_mbuf** frames, std::size_t count, FrameReason reason) noexcept;
  void rest() noexcept;

  WorkerParts parts_;
  Inbox& inbox_;
  counters::WorkerBlock& block_;
  std::vector<Queue> queues_;
  std::vector<SendPlace> send_places_;  // by port
  unsigned numa_node_ = 0;
  bool has_unwaitable_queue_ = false;
  std::uint32_t settings_version_ = 0;
  std::uint32_t idle_rounds_ = 0;
  Nanoseconds last_beat_ = 0;
  std::vector<pollfd> waits_;
  packet::InjectionQueue injections_;
};

}  // namespace parapet::edge
