// SPDX-License-Identifier: Apache-2.0
// A port over a kernel interface through our own AF_XDP sockets, one a queue.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "edge/port.h"

struct rte_mempool;

namespace parapet::edge {

class XdpProgram;

struct AfXdpOptions {
  std::string interface;
  std::uint16_t max_frame;  // bytes without FCS
  std::uint16_t number;     // of this port, as in the counter file and the pinned maps
  rte_mempool* buffers;
  XdpProgram* program;  // outlives the port
};

// Opens a socket for each receive queue and enters it; frames come once the program is wired and the workers beat.
//   errors  refused (GRO or LRO on, or a queue is held by another process) · not_found · limit · io
Result<std::unique_ptr<Port>> open_af_xdp_port(const AfXdpOptions& options);

}  // namespace parapet::edge
