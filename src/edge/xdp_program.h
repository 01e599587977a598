// SPDX-License-Identifier: Apache-2.0
// The XDP program and its pinned maps and links: what keeps frames flowing when no edge runs.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/result.h"
#include "config/edge_options.h"
#include "ebpf/abi.h"

struct classify;

namespace parapet::edge {

struct XdpPair {
  std::string subscriber;  // interfaces
  std::string transit;
  std::uint16_t first_port;  // the subscriber's; the transit's is the next
  std::uint16_t subscriber_queues;
  std::uint16_t transit_queues;
  Nanoseconds heartbeat_timeout_ns;
  config::XdpMode mode;
};

// thread  control; heartbeat() gives a worker a place of its own to write
class XdpProgram {
 public:
  // Loads the program upon the pinned maps of an earlier edge where there are any, else upon new ones that it pins.
  //   errors  unsupported (the pins have another layout) · not_found (no bpffs there) · permission · io
  static Result<std::unique_ptr<XdpProgram>> open(const std::string& pin_directory);
  ~XdpProgram();
  XdpProgram(const XdpProgram&) = delete;
  XdpProgram& operator=(const XdpProgram&) = delete;

  // Lets the kernel hand frames of this queue to a socket, once its worker beats.
  Status set_socket(std::uint16_t port, std::uint16_t queue, int socket_fd);
  std::uint64_t* heartbeat(std::uint16_t port, std::uint16_t queue) noexcept {
    return heartbeats_ + PARAPET_SLOT(port, queue);
  }

  // Connects both ports and puts the program on them, or the newer program where an earlier edge left one. From here on
  // frames flow, with sockets or without. The links stay when this process goes.
  //   errors  refused (another XDP program holds the interface) · not_found · io
  Status wire(const XdpPair& pair);

  // Frames since the last edge's report: what this edge has to answer for.  thread: any; no allocation
  parapet_port_counters counters_of(std::uint16_t port) const noexcept;
  void report(std::uint16_t port, const parapet_port_counters& since_start) noexcept;

  // Takes the program off all ports and removes every pin: frames stop crossing.
  //   errors  not_found (nothing is pinned there) · permission · io
  static Status detach(const std::string& pin_directory);

 private:
  XdpProgram() = default;
  Status load(const std::string& pin_directory);
  Status check_abi();
  Status attach(const std::string& interface, std::uint32_t ifindex, config::XdpMode mode);

  struct Destroy {
    void operator()(classify* skeleton) const noexcept;
  };
  std::unique_ptr<classify, Destroy> skeleton_;
  std::string pin_directory_;
  std::uint64_t* heartbeats_ = nullptr;
  std::size_t cpus_ = 0;                         // that the per-CPU counters have
  std::vector<parapet_port_counters> at_start_;  // by port: what earlier edges have reported
};

// Refuses an interface that an XDP program holds: its frames might never come to another kind of port.
//   errors  refused (context says what to do)
Status check_no_xdp(const std::string& interface);

}  // namespace parapet::edge
