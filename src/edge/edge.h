// SPDX-License-Identifier: Apache-2.0
// The whole packet path of one machine: environment, ports, workers, and the control thread that looks after them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "config/edge_options.h"
#include "counters/block.h"
#include "digest/key.h"
#include "edge/swap.h"
#include "edge/worker.h"
#include "packet/pipeline/pipeline.h"

namespace parapet::edge {

class XdpProgram;

// thread  the control thread, which also becomes DPDK's main lcore
class Edge {
 public:
  // Takes all memory and opens all ports; frames wait until run(). Once a process.
  //   config_file  read again on SIGHUP
  //   errors  of the digest key, EAL, ports, pins, counters
  static Result<std::unique_ptr<Edge>> open(const config::EdgeOptions& options, std::string config_file);
  ~Edge();
  Edge(const Edge&) = delete;
  Edge& operator=(const Edge&) = delete;

  // Starts the workers and returns when SIGTERM or SIGINT came and they have stopped.
  Status run();

 private:
  Edge(const config::EdgeOptions& options, std::string config_file, digest::StoredKey digest_key,
       digest::StoredKey flow_key);
  Status take_memory();
  Status open_ports();
  Result<std::unique_ptr<Port>> open_port(const config::PairOptions& pair, Side side);
  Status make_workers();
  void describe_ports() noexcept;
  void apply_live(const config::LiveEdgeOptions& live) noexcept;

  // control_loop.cpp
  void control_loop(int signal_fd);
  bool take_signals(int signal_fd);  // false: stop
  void reload();
  void look_after_ports() noexcept;
  void follow_links() noexcept;

  config::EdgeOptions options_;
  std::string config_file_;
  SystemClock clock_;
  digest::StoredKey digest_key_;
  digest::StoredKey flow_key_;
  packet::Steering steering_;
  std::unique_ptr<counters::CounterFile> counters_;
  rte_mempool* buffers_ = nullptr;
  std::unique_ptr<XdpProgram> xdp_;
  std::vector<PlacedPort> ports_;
  std::vector<bool> taken_down_;  // by link_follow, by port
  std::vector<std::unique_ptr<Inbox>> inboxes_;
  std::unique_ptr<SnapshotSlot> slot_;
  std::unique_ptr<SnapshotSwap> swap_;
  std::vector<counters::WorkerBlock*> blocks_;
  LiveSettings settings_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace parapet::edge
