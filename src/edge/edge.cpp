// SPDX-License-Identifier: Apache-2.0
// Putting the packet path together.
#include "edge/edge.h"

#include <rte_eal.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <algorithm>
#include <csignal>
#include <cstring>
#include <set>

#include "base/log.h"
#include "base/notify.h"
#include "edge/af_packet_ring.h"
#include "edge/af_xdp_port.h"
#include "edge/buffers.h"
#include "edge/eal.h"
#include "edge/ethdev_port.h"
#include "edge/xdp_program.h"

namespace parapet::edge {
namespace {

constexpr Nanoseconds kNanosecondsPerMillisecond = 1'000'000;
constexpr int kWorkerNice = -20;

bool is_pci(const config::PortDevice& device) {
  // An address such as 0000:03:00.0 or 03:00.0; a virtual device begins with its driver's name.
  const auto colon = device.arguments.find(':');
  return !device.is_af_xdp && colon != std::string::npos && colon < device.arguments.find(',');
}

EalOptions eal_options(const config::EdgeOptions& options) {
  EalOptions eal;
  eal.hugepages = options.hugepages;
  eal.size_mib = options.size_mib;
  eal.worker_cpus = options.cores;
  eal.allowed_cpus = allowed_cpus();
  for (const auto& pair : options.pairs) {
    for (const auto* device : {&pair.subscriber, &pair.transit}) {
      if (is_pci(*device)) eal.pci_devices.push_back(device->arguments);
    }
  }
  return eal;
}

// Room that holds the longest frame of any port, in whole cache lines.
std::uint16_t buffer_room(const config::EdgeOptions& options) {
  std::uint32_t room = 2048;
  for (const auto& pair : options.pairs) {
    const std::uint32_t needed = pair.subscriber.is_af_xdp ? 4096u : af_packet_geometry(pair.max_frame).frame_size;
    room = std::max(room, needed);
  }
  return static_cast<std::uint16_t>(room);
}

packet::RealmRules realm_rules(const config::EdgeOptions& options) {
  packet::RealmRules rules;
  for (const config::RealmOptions& realm : options.realms) {
    packet::RealmRule& rule = rules.rules[rules.count++];
    rule = {{realm.pair}, {}, realm.vni ? *realm.vni : packet::kNoVni, {realm.id}};
    for (const std::uint16_t vlan : realm.vlans) rule.vlans.push(vlan);
  }
  return rules;
}

packet::PipelineOptions pipeline_options(const config::EdgeOptions& options) {
  packet::PipelineOptions pipeline;
  pipeline.handshake_slots = options.handshake_slots;
  pipeline.records = options.records;
  pipeline.messages = options.messages;
  pipeline.kept_blocks = options.kept_blocks;
  pipeline.limits = {.encapsulation_depth = options.limits.encapsulation_depth,
                     .fragment_datagrams = options.limits.fragment_datagrams,
                     .fragment_blocks = options.limits.fragment_blocks,
                     .fragment_timeout_ns = options.limits.fragment_timeout_s * kNanosecondsPerSecond,
                     .http_head_bytes = options.limits.http_head_kib * 1024,
                     .hello_bytes = options.limits.hello_kib * 1024,
                     .quic_connections = options.limits.quic_connections,
                     .quic_hello_bytes = options.limits.quic_hello_kib * 1024,
                     .quic_initials_per_s = options.limits.quic_initials_per_s,
                     .http2_connections = options.limits.http2_connections};
  pipeline.realms = realm_rules(options);
  pipeline.strip_mptcp = options.limits.mptcp_strip;
  pipeline.idle_timeout_ns = options.live.idle_timeout_s * kNanosecondsPerSecond;
  pipeline.block_hold_ns = options.live.block_hold_s * kNanosecondsPerSecond;
  pipeline.tcp_action =
      options.live.tcp == config::TcpBlock::reset ? packet::TcpAction::reset : packet::TcpAction::drop;
  return pipeline;
}

// A promise of N ms holds from the last frame that got through to the next: the last beat may lie up to a rest before
// the worker's end, and frames have gaps of their own.
constexpr Nanoseconds heartbeat_timeout(const config::EdgeOptions& options) noexcept {
  return options.heartbeat_ms * kNanosecondsPerMillisecond * 7 / 10;
}

int run_worker(void* worker) {
  // Ahead of ordinary processes on a shared core, so that a beat is not missed; without the permission it runs as it
  // is.
  static_cast<void>(::setpriority(PRIO_PROCESS, 0, kWorkerNice));
  static_cast<Worker*>(worker)->run();
  return 0;
}

}  // namespace

Edge::Edge(const config::EdgeOptions& options, std::string config_file, digest::StoredKey digest_key,
           digest::StoredKey flow_key)
    : options_(options),
      config_file_(std::move(config_file)),
      digest_key_(std::move(digest_key)),
      flow_key_(std::move(flow_key)),
      steering_(flow_key_.key(), static_cast<std::uint32_t>(options_.cores.size()), realm_rules(options_)) {}

Result<std::unique_ptr<Edge>> Edge::open(const config::EdgeOptions& options, std::string config_file) {
  auto digest_key = digest::StoredKey::load(options.digest_key_file);
  if (!digest_key)
    return std::unexpected(digest_key.error().within("the digest key, which parapetd makes at its first start"));
  auto flow_key = digest::StoredKey::random();
  if (!flow_key) return std::unexpected(flow_key.error());
  std::unique_ptr<Edge> edge(new Edge(options, std::move(config_file), std::move(*digest_key), std::move(*flow_key)));
  auto counters = counters::CounterFile::create(options.counters_file, options.cores.size(), options.pairs.size() * 2);
  if (!counters) return std::unexpected(counters.error());
  edge->counters_ = std::make_unique<counters::CounterFile>(std::move(*counters));
  const auto key_id = digest::key_id(edge->digest_key_.key());
  std::memcpy(edge->counters_->header().key_id, key_id.data(), key_id.size());
  if (auto status = edge->take_memory(); !status) return std::unexpected(status.error());
  if (auto status = edge->open_ports(); !status) return std::unexpected(status.error());
  if (auto status = edge->make_workers(); !status) return std::unexpected(status.error());
  return edge;
}

Edge::~Edge() {
  workers_.clear();
  swap_.reset();
  slot_.reset();
  inboxes_.clear();
  ports_.clear();
  xdp_.reset();
  stop_eal();
}

Status Edge::take_memory() {
  if (auto status = start_eal(eal_options(options_)); !status) return status;
  auto buffers = create_buffers(options_.mbufs, buffer_room(options_));
  if (!buffers) return std::unexpected(buffers.error());
  buffers_ = *buffers;
  return {};
}

Result<std::unique_ptr<Port>> Edge::open_port(const config::PairOptions& pair, Side side) {
  const config::PortDevice& device = side == Side::subscriber ? pair.subscriber : pair.transit;
  if (!device.is_af_xdp) {
    return open_ethdev_port({device, pair.max_frame, static_cast<std::uint16_t>(options_.cores.size()), buffers_});
  }
  return open_af_xdp_port(
      {device.interface, pair.max_frame, static_cast<std::uint16_t>(ports_.size()), buffers_, xdp_.get()});
}

Status Edge::open_ports() {
  if (options_.uses_af_xdp()) {
    auto program = XdpProgram::open(options_.pin_directory);
    if (!program) return std::unexpected(program.error());
    xdp_ = std::move(*program);
  }
  for (std::uint16_t p = 0; p < options_.pairs.size(); ++p) {
    const config::PairOptions& pair = options_.pairs[p];
    for (const Side side : {Side::subscriber, Side::transit}) {
      auto port = open_port(pair, side);
      if (!port) return std::unexpected(port.error().within("pair " + pair.name));
      ports_.push_back({std::move(*port),
                        {p},
                        side,
                        {pair.realm},
                        {static_cast<std::uint16_t>(ports_.size() ^ 1u)},
                        pair.max_frame});
    }
  }
  // Only when every port has its sockets may the kernel hand frames to them, and only then does it go around us.
  for (std::uint16_t p = 0; p < options_.pairs.size(); ++p) {
    const config::PairOptions& pair = options_.pairs[p];
    if (!pair.subscriber.is_af_xdp) {
      log_event(LogLevel::warn, "traffic_stops_with_edge", {{"pair", pair.name}});
      continue;
    }
    const XdpPair wired{pair.subscriber.interface,
                        pair.transit.interface,
                        static_cast<std::uint16_t>(p * 2),
                        ports_[p * 2u].port->queues(),
                        ports_[p * 2u + 1].port->queues(),
                        heartbeat_timeout(options_),
                        options_.xdp_mode};
    if (auto status = xdp_->wire(wired); !status) return std::unexpected(status.error().within("pair " + pair.name));
  }
  taken_down_.assign(ports_.size(), false);
  describe_ports();
  return {};
}

void Edge::describe_ports() noexcept {
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    counters::PortBlock& block = counters_->header().ports[i];
    const std::string& name = options_.pairs[ports_[i].pair.value].name;
    std::memcpy(block.pair_name, name.data(), std::min(name.size(), sizeof block.pair_name));
    block.side = static_cast<std::uint8_t>(ports_[i].side);
    block.kind = ports_[i].port->is_af_xdp() ? 1 : 0;
    block.link_up = ports_[i].port->link_up() ? 1 : 0;
  }
}

Status Edge::make_workers() {
  const auto count = static_cast<std::uint16_t>(options_.cores.size());
  auto slot = SnapshotSlot::create(count);
  if (!slot) return std::unexpected(slot.error());
  slot_ = std::move(*slot);
  std::set<unsigned> nodes;
  for (std::uint16_t i = 0; i < count; ++i) {
    auto inbox = Inbox::create({i}, options_.ring_size);
    if (!inbox) return std::unexpected(inbox.error());
    inboxes_.push_back(std::move(*inbox));
    blocks_.push_back(&counters_->worker({i}));
    nodes.insert(rte_lcore_to_socket_id(i + 1u));
  }
  apply_live(options_.live);
  for (std::uint16_t i = 0; i < count; ++i) {
    auto pipeline =
        packet::Pipeline::create(pipeline_options(options_), flow_key_.key(), digest_key_.key(), *blocks_[i]);
    if (!pipeline) return std::unexpected(pipeline.error().within("worker " + std::to_string(i)));
    workers_.push_back(std::make_unique<Worker>(WorkerParts{{i},
                                                            count,
                                                            ports_,
                                                            inboxes_,
                                                            std::move(*pipeline),
                                                            &steering_,
                                                            blocks_[i],
                                                            slot_.get(),
                                                            buffers_,
                                                            &settings_,
                                                            heartbeat_timeout(options_)}));
  }
  auto swap = SnapshotSwap::create({options_.snapshot_file, {nodes.begin(), nodes.end()}, blocks_}, digest_key_.key(),
                                   *slot_, counters_->header());
  if (!swap) return std::unexpected(swap.error());
  swap_ = std::move(*swap);
  swap_->take_published(clock_);
  return {};
}

void Edge::apply_live(const config::LiveEdgeOptions& live) noexcept {
  set_log_level(live.log_level);
  settings_.idle_sleep_us = live.idle_sleep_us;
  settings_.reset_tcp = live.tcp == config::TcpBlock::reset;
  settings_.idle_timeout_ns = live.idle_timeout_s * kNanosecondsPerSecond;
  settings_.block_hold_ns = live.block_hold_s * kNanosecondsPerSecond;
  settings_.version.fetch_add(1, std::memory_order_release);
  options_.live = live;
}

Status Edge::run() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGHUP, SIGTERM, SIGINT}) sigaddset(&signals, signal);
  const Fd signal_fd(::signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!signal_fd.valid()) return fail_errno("making a signalfd");
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    if (rte_eal_remote_launch(run_worker, workers_[i].get(), static_cast<unsigned>(i + 1)) != 0) {
      return fail(ErrorCode::io, "starting worker " + std::to_string(i));
    }
  }
  __atomic_store_n(&counters_->header().state, 1u, __ATOMIC_RELEASE);
  log_event(
      LogLevel::info, "edge_started",
      {{"workers", static_cast<std::uint64_t>(workers_.size())}, {"ports", static_cast<std::uint64_t>(ports_.size())}});
  notify_ready("forwarding");
  control_loop(signal_fd.get());
  notify_stopping();
  __atomic_store_n(&counters_->header().state, 2u, __ATOMIC_RELEASE);
  settings_.stop.store(true);
  rte_eal_mp_wait_lcore();
  bool left = true;
  while (left) {
    left = false;
    for (const auto& worker : workers_) left |= worker->finish();
  }
  look_after_ports();
  log_event(LogLevel::info, "edge_stopped");
  return {};
}

}  // namespace parapet::edge
