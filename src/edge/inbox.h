// SPDX-License-Identifier: Apache-2.0
// Frames on their way from one worker to another.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "base/file.h"
#include "base/ids.h"
#include "base/result.h"

struct rte_mbuf;
struct rte_ring;

namespace parapet::edge {

// Where other workers put frames for this one, and how they wake it.
class Inbox {
 public:
  // errors  limit (memory) · io
  static Result<std::unique_ptr<Inbox>> create(WorkerIndex worker, std::uint32_t slots);
  ~Inbox();
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;

  // thread: any worker; returns how many were taken
  std::uint32_t put_strays(rte_mbuf** frames, std::uint32_t count) noexcept { return put(strays_, frames, count); }
  std::uint32_t put_outgoing(rte_mbuf** frames, std::uint32_t count) noexcept { return put(outgoing_, frames, count); }

  // thread: the owner
  std::uint16_t take_strays(rte_mbuf** frames, std::uint16_t room) noexcept { return take(strays_, frames, room); }
  std::uint16_t take_outgoing(rte_mbuf** frames, std::uint16_t room) noexcept { return take(outgoing_, frames, room); }
  bool prepare_to_sleep() noexcept;  // false: something came in meanwhile, do not sleep
  void woke_up() noexcept;
  int wait_fd() const noexcept { return wake_.get(); }

 private:
  Inbox() = default;
  std::uint32_t put(rte_ring* ring, rte_mbuf** frames, std::uint32_t count) noexcept;
  static std::uint16_t take(rte_ring* ring, rte_mbuf** frames, std::uint16_t room) noexcept;

  rte_ring* strays_ = nullptr;    // mbuf->port: PortIndex they came in by
  rte_ring* outgoing_ = nullptr;  // mbuf->port: PortIndex they go out by
  Fd wake_;
  std::atomic<bool> asleep_{false};
};

}  // namespace parapet::edge
