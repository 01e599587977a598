// SPDX-License-Identifier: Apache-2.0
// A port that a DPDK driver owns: a NIC, or af_packet on a kernel interface.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "config/edge_options.h"
#include "edge/port.h"

struct rte_mempool;

namespace parapet::edge {

struct EthdevOptions {
  config::PortDevice device;
  std::uint16_t max_frame;  // bytes without FCS
  std::uint16_t workers;    // queues wanted; fewer are taken where the device has fewer
  rte_mempool* buffers;
};

// The device string that EAL is to probe; adds what af_packet needs.
std::string probe_arguments(const EthdevOptions& options);

// Configures and starts a device that EAL has probed: no offloads, promiscuous, frames up to max_frame.
//   errors  not_found (no such device) · refused (it merges frames or strips tags) · unsupported · io
Result<std::unique_ptr<Port>> open_ethdev_port(const EthdevOptions& options);

}  // namespace parapet::edge
