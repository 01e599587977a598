// SPDX-License-Identifier: Apache-2.0
// What the control thread does while the workers run: signals, snapshots, links, port counters.
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include <algorithm>
#include <csignal>

#include "base/file.h"
#include "base/log.h"
#include "base/notify.h"
#include "edge/edge.h"

namespace parapet::edge {
namespace {

constexpr int kTickMs = 50;
constexpr int kTickWhileWaitingMs = 1;  // for workers to use a new snapshot
constexpr Nanoseconds kPortsEveryNs = 100'000'000;
constexpr std::size_t kMaxConfigBytes = 1 << 20;

}  // namespace

void Edge::control_loop(int signal_fd) {
  Nanoseconds looked_ns = 0;
  bool running = true;
  while (running) {
    pollfd wanted[] = {{signal_fd, POLLIN, 0}, {swap_->watch_fd(), POLLIN, 0}};
    static_cast<void>(::poll(wanted, 2, swap_->awaits_workers() ? kTickWhileWaitingMs : kTickMs));
    const Nanoseconds now = clock_.monotonic_ns();
    counters::set(counters_->header().heartbeat_monotonic_ns, now);
    if ((wanted[0].revents & POLLIN) != 0) running = take_signals(signal_fd);
    if ((wanted[1].revents & POLLIN) != 0 && swap_->drain_watch()) swap_->take_published(clock_);
    swap_->acknowledge(clock_);
    if (now - looked_ns >= kPortsEveryNs) {
      looked_ns = now;
      swap_->follow_clock(clock_);
      look_after_ports();
      follow_links();
      notify_watchdog();
    }
  }
}

bool Edge::take_signals(int signal_fd) {
  signalfd_siginfo signal{};
  bool running = true;
  while (::read(signal_fd, &signal, sizeof signal) == static_cast<ssize_t>(sizeof signal)) {
    if (signal.ssi_signo == SIGHUP) {
      reload();
    } else {
      running = false;
    }
  }
  return running;
}

void Edge::reload() {
  notify_reloading();
  const auto refused = [](const Error& error) { log_error("reload_refused", error); };
  auto text = read_file(config_file_, kMaxConfigBytes);
  if (!text) {
    refused(text.error());
  } else if (auto wanted = config::parse_edge_options(text_of(*text), config_file_); !wanted) {
    refused(wanted.error());
  } else if (const auto key = config::restart_needed(options_, *wanted); !key.empty()) {
    refused(
        Error{ErrorCode::invalid_config, config_file_ + ": " + std::string(key) + " can only be changed by a restart"});
  } else {
    apply_live(wanted->live);
    log_event(LogLevel::info, "reloaded");
  }
  notify_ready("forwarding");
}

void Edge::look_after_ports() noexcept {
  counters::Header& header = counters_->header();
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    const PortLosses losses = ports_[i].port->losses();
    counters::PortBlock& block = header.ports[i];
    counters::set(block.rx_missed, losses.rx_missed);
    counters::set(block.rx_no_buffer, losses.rx_no_buffer);
    counters::set(block.tx_errors, losses.tx_errors);
    counters::set(block.kernel_bypassed_frames, losses.kernel_bypassed);
    counters::set(block.kernel_jumbo_frames, losses.kernel_jumbo);
    counters::set(block.kernel_dropped_frames, losses.kernel_dropped);
    const std::uint8_t up = ports_[i].port->link_up() ? 1 : 0;
    if (block.link_up != up) {
      log_event(LogLevel::warn, up != 0 ? "link_up" : "link_down",
                {{"pair", options_.pairs[ports_[i].pair.value].name},
                 {"side", ports_[i].side == Side::subscriber ? "subscriber" : "transit"}});
    }
    __atomic_store_n(&block.link_up, up, __ATOMIC_RELAXED);
  }
  // What crossed in the kernel stands with the uninspected frames too; worker 0 never touches these two places.
  std::uint64_t bypassed = 0;
  std::uint64_t jumbo = 0;
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    bypassed += counters::get(header.ports[i].kernel_bypassed_frames);
    jumbo += counters::get(header.ports[i].kernel_jumbo_frames);
  }
  counters::set(blocks_[0]->uninspected[index_of(UninspectedReason::kernel_bypass)], bypassed);
  counters::set(blocks_[0]->uninspected[index_of(UninspectedReason::jumbo)], jumbo);
  std::uint64_t failed = 0;
  for (const counters::WorkerBlock* block : blocks_) failed += counters::get(block->injections_failed);
  counters::set(header.injections_failed, failed);
}

// A port whose peer lost its link goes down with it, and comes back with it. The one taken down by us has no say.
void Edge::follow_links() noexcept {
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    const PlacedPort& port = ports_[i];
    if (!options_.pairs[port.pair.value].link_follow || taken_down_[i]) continue;
    const std::size_t peer = port.peer.value;
    const bool down = !port.port->link_up();
    if (down == taken_down_[peer]) continue;
    taken_down_[peer] = down;
    ports_[peer].port->set_link(!down);
    log_event(LogLevel::warn, "link_followed",
              {{"pair", options_.pairs[port.pair.value].name},
               {"side", ports_[peer].side == Side::subscriber ? "subscriber" : "transit"},
               {"up", !down}});
  }
}

}  // namespace parapet::edge
