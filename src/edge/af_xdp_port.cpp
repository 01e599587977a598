// SPDX-License-Identifier: Apache-2.0
// An AF_XDP port as the workers see it.
#include "edge/af_xdp_port.h"

#include <utility>
#include <vector>

#include "edge/interface.h"
#include "edge/xdp_program.h"
#include "edge/xdp_socket.h"

namespace parapet::edge {
namespace {

class AfXdpPort final : public Port {
 public:
  AfXdpPort(AfXdpOptions options, std::vector<std::unique_ptr<XdpSocket>> sockets)
      : options_(std::move(options)),
        sockets_(std::move(sockets)),
        tx_drops_at_start_(drops_of(options_.interface).tx) {
    for (std::uint16_t queue = 0; queue < sockets_.size(); ++queue) {
      heartbeats_.push_back(options_.program->heartbeat(options_.number, queue));
    }
    bypassed_seen_.assign(sockets_.size(), options_.program->counters_of(options_.number).bypassed);
  }

  std::uint16_t queues() const noexcept override { return static_cast<std::uint16_t>(sockets_.size()); }
  std::uint16_t receive(std::uint16_t queue, rte_mbuf** frames, std::uint16_t room) noexcept override {
    return sockets_[queue]->receive(frames, room);
  }
  std::uint16_t transmit(std::uint16_t queue, rte_mbuf** frames, std::uint16_t count) noexcept override {
    return sockets_[queue]->transmit(frames, count);
  }
  void beat(std::uint16_t queue, Nanoseconds now) noexcept override {
    __atomic_store_n(heartbeats_[queue], now, __ATOMIC_RELAXED);
  }
  // What waits is stale only where frames have overtaken it.
  std::uint32_t drop_waiting(std::uint16_t queue) noexcept override {
    const std::uint64_t bypassed = options_.program->counters_of(options_.number).bypassed;
    if (std::exchange(bypassed_seen_[queue], bypassed) == bypassed) return 0;
    return sockets_[queue]->drop_waiting();
  }
  int wait_fd(std::uint16_t queue) const noexcept override { return sockets_[queue]->fd(); }

  bool is_af_xdp() const noexcept override { return true; }
  bool link_up() noexcept override { return interface_has_link(options_.interface); }
  void set_link(bool up) noexcept override { set_interface_up(options_.interface, up); }

  PortLosses losses() noexcept override {
    PortLosses losses;
    for (const auto& socket : sockets_) {
      const auto statistics = socket->statistics();
      losses.rx_missed += statistics.rx_missed;
      losses.rx_no_buffer += statistics.rx_no_buffer;
    }
    losses.tx_errors = drops_of(options_.interface).tx - tx_drops_at_start_;
    const parapet_port_counters kernel = options_.program->counters_of(options_.number);
    losses.kernel_bypassed = kernel.bypassed;
    losses.kernel_jumbo = kernel.jumbo;
    losses.kernel_dropped = kernel.dropped;
    options_.program->report(options_.number, kernel);
    return losses;
  }

 private:
  AfXdpOptions options_;
  std::vector<std::unique_ptr<XdpSocket>> sockets_;
  std::vector<std::uint64_t*> heartbeats_;
  std::vector<std::uint64_t> bypassed_seen_;  // by queue, when its worker last looked
  std::uint64_t tx_drops_at_start_;
};

}  // namespace

Result<std::unique_ptr<Port>> open_af_xdp_port(const AfXdpOptions& options) {
  if (auto status = check_offloads(options.interface); !status) return std::unexpected(status.error());
  if (auto status = prepare_interface(options.interface, options.max_frame); !status)
    return std::unexpected(status.error());
  std::vector<std::unique_ptr<XdpSocket>> sockets;
  const std::uint16_t queues = receive_queues_of(options.interface);
  for (std::uint16_t queue = 0; queue < queues; ++queue) {
    auto socket = XdpSocket::open(options.interface, queue, options.buffers);
    if (!socket) return std::unexpected(socket.error());
    // An earlier edge's last beat may be fresh still: nothing is to wait in the socket until a worker runs.
    __atomic_store_n(options.program->heartbeat(options.number, queue), 0ull, __ATOMIC_RELEASE);
    if (auto status = options.program->set_socket(options.number, queue, (*socket)->fd()); !status)
      return std::unexpected(status.error());
    sockets.push_back(std::move(*socket));
  }
  return std::make_unique<AfXdpPort>(options, std::move(sockets));
}

}  // namespace parapet::edge
