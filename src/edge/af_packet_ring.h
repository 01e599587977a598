// SPDX-License-Identifier: Apache-2.0
// A look into the receive rings of DPDK's af_packet driver, for what it does not tell: a tag's true TPID, frames that
// were cut short, losses, and a descriptor to wait on.
//
// The kernel takes the outer tag off a frame and writes it beside; the driver puts every one back as 802.1Q. It also
// asks the kernel to put IPv4 fragments together (PACKET_FANOUT_FLAG_DEFRAG): the setsockopt of this program, which
// stands before libc's, leaves that flag out and keeps our own kernel's frames out of the ring
// (PACKET_IGNORE_OUTGOING).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

struct rte_mbuf;

namespace parapet::edge {

// What DPDK's driver wants to be told so that frames of max_frame bytes fit: the frame size must divide the block size,
// because the driver counts frames through the whole ring.
struct AfPacketGeometry {
  std::uint32_t frame_size;  // also the room that an mbuf must have
  std::uint32_t block_size;
  std::uint32_t frame_count;
};
AfPacketGeometry af_packet_geometry(std::uint16_t max_frame) noexcept;

// The device string with what is missing of qpairs, framesz, blocksz, framecnt added.
std::string complete_af_packet_arguments(const std::string& arguments, std::uint16_t max_frame, std::size_t queues);

// One receive ring; follows the driver slot by slot.
//   thread  the worker that owns the queue
class AfPacketRing {
 public:
  // Finds the rings that the driver has opened on this interface, in queue order.
  //   errors  not_found (the driver has none: another version of it)
  static Result<std::vector<AfPacketRing>> find(const std::string& interface);

  // How many of the next `room` slots hold a frame; notes their tags. Call before the driver's receive, and ask that
  // for no more.
  std::uint16_t look(std::uint16_t room) noexcept;
  // Gives `count` received frames their true tags and frees those that were cut short; returns how many are left.
  std::uint16_t settle(rte_mbuf** frames, std::uint16_t count) noexcept;

  int fd() const noexcept { return fd_; }
  std::uint64_t cut_short() const noexcept { return cut_short_; }
  // Frames that found the ring full, since the last call.  thread: control
  std::uint64_t take_drops() noexcept;

 private:
  static constexpr std::size_t kMaxLook = 64;
  struct Slot {
    std::uint16_t tpid;  // host byte order; 0: no tag was taken off
    bool cut;
  };

  int fd_ = -1;
  const std::uint8_t* base_ = nullptr;
  std::uint32_t frame_size_ = 0;
  std::uint32_t frame_count_ = 0;
  std::uint32_t next_ = 0;
  std::uint64_t cut_short_ = 0;
  Slot seen_[kMaxLook] = {};
};

}  // namespace parapet::edge
