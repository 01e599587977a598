// SPDX-License-Identifier: Apache-2.0
// Starting and driving a DPDK ethdev.
#include "edge/ethdev_port.h"

#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mempool.h>
#include <rte_random.h>
#include <algorithm>
#include <cstring>
#include <vector>

#include "edge/af_packet_ring.h"
#include "edge/eal.h"
#include "edge/interface.h"
#include "edge/xdp_program.h"

namespace parapet::edge {
namespace {

constexpr std::uint16_t kRxDescriptors = 1024;
constexpr std::uint16_t kTxDescriptors = 1024;
constexpr std::uint32_t kEthernetHeader = 14;
constexpr std::uint64_t kAlteringOffloads =
    RTE_ETH_RX_OFFLOAD_TCP_LRO | RTE_ETH_RX_OFFLOAD_VLAN_STRIP | RTE_ETH_RX_OFFLOAD_QINQ_STRIP;

bool is_af_packet(const std::string& arguments) {
  return arguments.starts_with("net_af_packet") || arguments.starts_with("eth_af_packet");
}

std::unexpected<Error> fail_device(const EthdevOptions& options, std::string_view what, int error) {
  return fail(ErrorCode::io, std::string(what) + " of " + options.device.arguments + ": " +
                                 rte_strerror(error < 0 ? -error : error) + "; DPDK says: " + last_word_of_dpdk());
}

// A symmetric key, random for this run: both directions of a stream land in one queue more often than not. A short cut
// only; the workers hand strays over by their own keyed hash.
void make_symmetric_key(std::vector<std::uint8_t>& key) {
  const std::uint64_t random = rte_rand();
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(random >> (i % 2 == 0 ? 0 : 8));
}

class EthdevPort final : public Port {
 public:
  EthdevPort(std::uint16_t id, std::uint16_t queues, std::string interface, std::vector<AfPacketRing> rings)
      : id_(id), queues_(queues), interface_(std::move(interface)), rings_(std::move(rings)) {
    if (!interface_.empty()) tx_drops_at_start_ = drops_of(interface_).tx;
  }
  ~EthdevPort() override {
    rte_eth_dev_stop(id_);
    rte_eth_dev_close(id_);
  }

  std::uint16_t queues() const noexcept override { return queues_; }

  std::uint16_t receive(std::uint16_t queue, rte_mbuf** frames, std::uint16_t room) noexcept override {
    if (rings_.empty()) return rte_eth_rx_burst(id_, queue, frames, room);
    AfPacketRing& ring = rings_[queue];
    const std::uint16_t ready = ring.look(room);
    return ready == 0 ? std::uint16_t{0} : ring.settle(frames, rte_eth_rx_burst(id_, queue, frames, ready));
  }

  std::uint16_t transmit(std::uint16_t queue, rte_mbuf** frames, std::uint16_t count) noexcept override {
    return rte_eth_tx_burst(id_, queue, frames, count);
  }

  int wait_fd(std::uint16_t queue) const noexcept override { return rings_.empty() ? -1 : rings_[queue].fd(); }
  bool is_af_xdp() const noexcept override { return false; }

  bool link_up() noexcept override {
    // 22.11's af_packet always says up.
    if (!interface_.empty()) return interface_has_link(interface_);
    rte_eth_link link{};
    return rte_eth_link_get_nowait(id_, &link) == 0 && link.link_status == RTE_ETH_LINK_UP;
  }

  void set_link(bool up) noexcept override {
    if (!interface_.empty()) return set_interface_up(interface_, up);
    static_cast<void>(up ? rte_eth_dev_set_link_up(id_) : rte_eth_dev_set_link_down(id_));
  }

  PortLosses losses() noexcept override {
    PortLosses losses;
    rte_eth_stats statistics{};
    if (rte_eth_stats_get(id_, &statistics) == 0) {
      losses.rx_missed = statistics.imissed + statistics.ierrors;
      losses.rx_no_buffer = statistics.rx_nombuf;
      losses.tx_errors = statistics.oerrors;
    }
    for (AfPacketRing& ring : rings_) {
      ring_drops_ += ring.take_drops();
      losses.rx_missed += ring.cut_short();
    }
    losses.rx_missed += ring_drops_;
    if (!interface_.empty()) losses.tx_errors += drops_of(interface_).tx - tx_drops_at_start_;
    return losses;
  }

 private:
  std::uint16_t id_;
  std::uint16_t queues_;
  std::string interface_;
  std::vector<AfPacketRing> rings_;  // af_packet only, one a queue
  std::uint64_t ring_drops_ = 0;
  std::uint64_t tx_drops_at_start_ = 0;
};

Status check_device(const EthdevOptions& options, const rte_eth_dev_info& about) {
  const std::uint64_t altering = about.default_rxconf.offloads & kAlteringOffloads;
  if (altering != 0) {
    return fail(ErrorCode::refused,
                options.device.arguments + " merges frames (LRO) or strips tags and cannot be told not to");
  }
  return {};
}

Status set_frame_size(const EthdevOptions& options, std::uint16_t id) {
  const auto mtu = static_cast<std::uint16_t>(options.max_frame - kEthernetHeader);
  if (!options.device.interface.empty()) return prepare_interface(options.device.interface, options.max_frame);
  const int error = rte_eth_dev_set_mtu(id, mtu);
  if (error != 0 && error != -ENOTSUP) return fail_device(options, "setting the MTU " + std::to_string(mtu), error);
  return {};
}

Status start_device(const EthdevOptions& options, std::uint16_t id, std::uint16_t queues,
                    const rte_eth_dev_info& about) {
  rte_eth_conf configuration{};
  std::vector<std::uint8_t> key(about.hash_key_size);
  if (queues > 1 && about.flow_type_rss_offloads != 0) {
    make_symmetric_key(key);
    configuration.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
    configuration.rx_adv_conf.rss_conf.rss_hf =
        about.flow_type_rss_offloads & (RTE_ETH_RSS_IP | RTE_ETH_RSS_TCP | RTE_ETH_RSS_UDP);
    if (!key.empty()) {
      configuration.rx_adv_conf.rss_conf.rss_key = key.data();
      configuration.rx_adv_conf.rss_conf.rss_key_len = about.hash_key_size;
    }
  }
  int error = rte_eth_dev_configure(id, queues, queues, &configuration);
  if (error != 0) return fail_device(options, "configuring " + std::to_string(queues) + " queues", error);
  std::uint16_t rx_slots = kRxDescriptors;
  std::uint16_t tx_slots = kTxDescriptors;
  static_cast<void>(rte_eth_dev_adjust_nb_rx_tx_desc(id, &rx_slots, &tx_slots));
  const int node = rte_eth_dev_socket_id(id);
  const auto socket = node < 0 ? static_cast<unsigned>(SOCKET_ID_ANY) : static_cast<unsigned>(node);
  for (std::uint16_t queue = 0; queue < queues; ++queue) {
    error = rte_eth_rx_queue_setup(id, queue, rx_slots, socket, nullptr, options.buffers);
    if (error != 0) return fail_device(options, "making a receive queue", error);
    error = rte_eth_tx_queue_setup(id, queue, tx_slots, socket, nullptr);
    if (error != 0) return fail_device(options, "making a send queue", error);
  }
  if (auto status = set_frame_size(options, id); !status) return status;
  error = rte_eth_dev_start(id);
  if (error != 0) return fail_device(options, "starting", error);
  error = rte_eth_promiscuous_enable(id);
  if (error != 0 && error != -ENOTSUP) return fail_device(options, "switching to promiscuous", error);
  const int vlan = rte_eth_dev_get_vlan_offload(id);
  if (vlan > 0 && (vlan & (RTE_ETH_VLAN_STRIP_OFFLOAD | RTE_ETH_QINQ_STRIP_OFFLOAD)) != 0) {
    return fail(ErrorCode::refused, options.device.arguments + " strips tags although told not to");
  }
  return {};
}

}  // namespace

std::string probe_arguments(const EthdevOptions& options) {
  return is_af_packet(options.device.arguments)
             ? complete_af_packet_arguments(options.device.arguments, options.max_frame, options.workers)
             : options.device.arguments;
}

Result<std::unique_ptr<Port>> open_ethdev_port(const EthdevOptions& options) {
  // The rings must be made in an interface that already has its MTU, so that nothing is cut while starting.
  if (!options.device.interface.empty()) {
    if (auto status = check_offloads(options.device.interface); !status) return std::unexpected(status.error());
    if (auto status = check_no_xdp(options.device.interface); !status) return std::unexpected(status.error());
    if (auto status = prepare_interface(options.device.interface, options.max_frame); !status)
      return std::unexpected(status.error());
  }
  const std::string arguments = probe_arguments(options);
  const std::string name = arguments.substr(0, arguments.find(','));
  std::uint16_t id = 0;
  const bool probed_by_eal = rte_eth_dev_get_port_by_name(name.c_str(), &id) == 0;
  if (!probed_by_eal) {
    if (const int error = rte_dev_probe(arguments.c_str()); error != 0) return fail_device(options, "probing", error);
  }
  if (rte_eth_dev_get_port_by_name(name.c_str(), &id) != 0) {
    return fail(ErrorCode::not_found, "no DPDK device " + name);
  }
  rte_eth_dev_info about{};
  if (const int error = rte_eth_dev_info_get(id, &about); error != 0) return fail_device(options, "asking", error);
  if (auto status = check_device(options, about); !status) return std::unexpected(status.error());
  const std::uint16_t queues = std::min({options.workers, about.max_rx_queues, about.max_tx_queues});
  if (auto status = start_device(options, id, queues, about); !status) return std::unexpected(status.error());
  std::vector<AfPacketRing> rings;
  if (is_af_packet(arguments)) {
    auto found = AfPacketRing::find(options.device.interface);
    if (!found) return std::unexpected(found.error());
    if (found->size() < queues)
      return fail(ErrorCode::unsupported, "fewer packet rings than queues on " + options.device.interface);
    rings = std::move(*found);
  }
  return std::make_unique<EthdevPort>(id, queues, options.device.interface, std::move(rings));
}

}  // namespace parapet::edge
