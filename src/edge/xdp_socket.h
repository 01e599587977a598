// SPDX-License-Identifier: Apache-2.0
// One AF_XDP socket with its memory: the queue of a port. Frames are copied between its memory and packet buffers.
#pragma once

#include <xdp/xsk.h>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

struct rte_mbuf;
struct rte_mempool;

namespace parapet::edge {

//   thread  the worker that owns the queue; statistics(): control
class XdpSocket {
 public:
  // Binds to a queue without loading any program.
  //   errors  refused (another process holds the queue) · limit · io
  static Result<std::unique_ptr<XdpSocket>> open(const std::string& interface, std::uint16_t queue,
                                                 rte_mempool* buffers);
  ~XdpSocket();
  XdpSocket(const XdpSocket&) = delete;
  XdpSocket& operator=(const XdpSocket&) = delete;

  int fd() const noexcept { return ::xsk_socket__fd(socket_); }
  std::uint16_t receive(rte_mbuf** frames, std::uint16_t room) noexcept;
  std::uint16_t transmit(rte_mbuf** frames, std::uint16_t count) noexcept;
  std::uint32_t drop_waiting() noexcept;

  struct Statistics {
    std::uint64_t rx_missed;     // the ring was full
    std::uint64_t rx_no_buffer;  // rounds in which no packet buffer was free
  };
  Statistics statistics() const noexcept;

 private:
  XdpSocket() = default;
  void give_back(std::uint32_t first, std::uint32_t count) noexcept;
  void collect_sent() noexcept;
  void kick() noexcept;

  MutableBytes memory_;
  xsk_umem* umem_ = nullptr;
  xsk_socket* socket_ = nullptr;
  xsk_ring_prod fill_{};
  xsk_ring_cons completion_{};
  xsk_ring_cons rx_{};
  xsk_ring_prod tx_{};
  rte_mempool* buffers_ = nullptr;
  std::vector<std::uint64_t> free_chunks_;  // for sending; never grows past its first size
  bool kick_again_ = false;
  std::uint64_t rx_no_buffer_ = 0;
};

}  // namespace parapet::edge
