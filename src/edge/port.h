// SPDX-License-Identifier: Apache-2.0
// What the workers know of a port, be it a DPDK ethdev or our own AF_XDP sockets.
#pragma once

#include <cstdint>

#include "base/clock.h"

struct rte_mbuf;

namespace parapet::edge {

// Losses outside the workers, since start.
struct PortLosses {
  std::uint64_t rx_missed = 0;        // the device or its ring was full
  std::uint64_t rx_no_buffer = 0;     // no mbuf to put them in
  std::uint64_t tx_errors = 0;        // taken for sending and not sent
  std::uint64_t kernel_bypassed = 0;  // af_xdp alone, as the three below
  std::uint64_t kernel_jumbo = 0;
  std::uint64_t kernel_dropped = 0;
};

// One port with queue pairs 0..queues()-1.
//   thread  queue functions: the one worker that owns the queue; everything else: the control thread
//   cost    one virtual call a burst
class Port {
 public:
  virtual ~Port() = default;

  virtual std::uint16_t queues() const noexcept = 0;

  // Takes up to `room` frames, each one contiguous mbuf that the caller then owns.
  virtual std::uint16_t receive(std::uint16_t queue, rte_mbuf** frames, std::uint16_t room) noexcept = 0;
  // Hands frames out in order; returns how many were taken, whose mbufs belong to the port from then on.
  virtual std::uint16_t transmit(std::uint16_t queue, rte_mbuf** frames, std::uint16_t count) noexcept = 0;
  // Tells the kernel that this queue's worker is alive.
  virtual void beat(std::uint16_t, Nanoseconds) noexcept {}
  // Throws away what came in while the kernel went around us; returns how many frames.
  virtual std::uint32_t drop_waiting(std::uint16_t) noexcept { return 0; }
  // A descriptor that polls readable when frames wait; -1: none, the worker must look.
  virtual int wait_fd(std::uint16_t) const noexcept { return -1; }

  virtual bool is_af_xdp() const noexcept = 0;
  virtual bool link_up() noexcept = 0;
  virtual void set_link(bool up) noexcept = 0;  // administratively
  virtual PortLosses losses() noexcept = 0;
};

}  // namespace parapet::edge
