// SPDX-License-Identifier: Apache-2.0
// The rings of an AF_XDP socket.
//
//   memory   chunk 0 .. kSlots-1: for receiving, always in the fill or the rx ring
//            chunk kSlots .. 2*kSlots-1: for sending, in free_chunks_, the tx or the completion ring
#include "edge/xdp_socket.h"

#include <linux/if_xdp.h>
#include <rte_mbuf.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/secret.h"

namespace parapet::edge {
namespace {

constexpr std::uint32_t kSlots = 2048;
constexpr std::uint32_t kChunk = 4096;
constexpr std::size_t kMemory = std::size_t{2} * kSlots * kChunk;
constexpr int kSendMemory = 8 << 20;
constexpr std::size_t kMaxBurst = 64;

// A negative errno of libxdp as an Error.
std::unexpected<Error> fail_xdp(const std::string& what, int error) {
  const int number = error < 0 ? -error : error;
  const auto code = number == EBUSY    ? ErrorCode::refused
                    : number == ENOMEM ? ErrorCode::limit
                    : number == EPERM  ? ErrorCode::permission
                                       : ErrorCode::io;
  return fail(code, what + ": " + std::strerror(number) + (number == EBUSY ? "; another process holds it" : ""));
}

}  // namespace

Result<std::unique_ptr<XdpSocket>> XdpSocket::open(const std::string& interface, std::uint16_t queue,
                                                   rte_mempool* buffers) {
  const std::string place = interface + " queue " + std::to_string(queue);
  std::unique_ptr<XdpSocket> socket(new XdpSocket);
  socket->buffers_ = buffers;
  void* mapped = ::mmap(nullptr, kMemory, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (mapped == MAP_FAILED) return fail_errno("taking memory for " + place);
  socket->memory_ = {static_cast<std::uint8_t*>(mapped), kMemory};
  ::madvise(mapped, kMemory, MADV_DONTDUMP);

  const xsk_umem_config memory_shape{kSlots, kSlots, kChunk, XSK_UMEM__DEFAULT_FRAME_HEADROOM, 0};
  int error = ::xsk_umem__create(&socket->umem_, mapped, kMemory, &socket->fill_, &socket->completion_, &memory_shape);
  if (error != 0) return fail_xdp("registering memory for " + place, error);
  xsk_socket_config shape{};
  shape.rx_size = kSlots;
  shape.tx_size = kSlots;
  shape.libxdp_flags = XSK_LIBXDP_FLAGS__INHIBIT_PROG_LOAD;
  shape.bind_flags = XDP_USE_NEED_WAKEUP;
  error = ::xsk_socket__create(&socket->socket_, interface.c_str(), queue, socket->umem_, &socket->rx_, &socket->tx_,
                               &shape);
  if (error != 0) return fail_xdp("binding to " + place, error);
  static_cast<void>(::setsockopt(socket->fd(), SOL_SOCKET, SO_SNDBUFFORCE, &kSendMemory, sizeof kSendMemory));

  std::uint32_t first = 0;
  if (::xsk_ring_prod__reserve(&socket->fill_, kSlots, &first) != kSlots)
    return fail(ErrorCode::io, "filling the ring of " + place);
  for (std::uint32_t i = 0; i < kSlots; ++i)
    *::xsk_ring_prod__fill_addr(&socket->fill_, first + i) = std::uint64_t{i} * kChunk;
  ::xsk_ring_prod__submit(&socket->fill_, kSlots);
  for (std::uint32_t i = 2 * kSlots; i-- > kSlots;) socket->free_chunks_.push_back(std::uint64_t{i} * kChunk);
  return socket;
}

XdpSocket::~XdpSocket() {
  if (socket_ != nullptr) ::xsk_socket__delete(socket_);
  if (umem_ != nullptr) static_cast<void>(::xsk_umem__delete(umem_));
  if (!memory_.empty()) {
    wipe(memory_);
    ::munmap(memory_.data(), memory_.size());
  }
}

std::uint16_t XdpSocket::receive(rte_mbuf** frames, std::uint16_t room) noexcept {
  if (kick_again_) kick();
  std::uint32_t first = 0;
  const std::uint32_t count = ::xsk_ring_cons__peek(&rx_, room, &first);
  if (count == 0) return 0;
  if (rte_pktmbuf_alloc_bulk(buffers_, frames, count) != 0) {
    __atomic_store_n(&rx_no_buffer_, rx_no_buffer_ + 1, __ATOMIC_RELAXED);
    ::xsk_ring_cons__cancel(&rx_, count);
    return 0;
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    const xdp_desc& desc = *::xsk_ring_cons__rx_desc(&rx_, first + i);
    std::memcpy(rte_pktmbuf_mtod(frames[i], void*), memory_.data() + desc.addr, desc.len);
    frames[i]->data_len = static_cast<std::uint16_t>(desc.len);
    frames[i]->pkt_len = desc.len;
  }
  give_back(first, count);
  return static_cast<std::uint16_t>(count);
}

// Hands the chunks of `count` received descriptors back to the kernel; there is always room, as there are no more
// chunks than slots.
void XdpSocket::give_back(std::uint32_t first, std::uint32_t count) noexcept {
  std::uint32_t fill = 0;
  if (::xsk_ring_prod__reserve(&fill_, count, &fill) != count) return;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint64_t address = ::xsk_ring_cons__rx_desc(&rx_, first + i)->addr;
    *::xsk_ring_prod__fill_addr(&fill_, fill + i) = address / kChunk * kChunk;
  }
  ::xsk_ring_prod__submit(&fill_, count);
  ::xsk_ring_cons__release(&rx_, count);
  if (::xsk_ring_prod__needs_wakeup(&fill_) != 0)
    static_cast<void>(::recvfrom(fd(), nullptr, 0, MSG_DONTWAIT, nullptr, nullptr));
}

std::uint32_t XdpSocket::drop_waiting() noexcept {
  std::uint32_t dropped = 0;
  for (;;) {
    std::uint32_t first = 0;
    const std::uint32_t count = ::xsk_ring_cons__peek(&rx_, kMaxBurst, &first);
    if (count == 0 || dropped >= kSlots) return dropped;
    give_back(first, count);
    dropped += count;
  }
}

std::uint16_t XdpSocket::transmit(rte_mbuf** frames, std::uint16_t count) noexcept {
  collect_sent();
  const auto wanted = static_cast<std::uint32_t>(std::min<std::size_t>(count, free_chunks_.size()));
  std::uint32_t first = 0;
  if (wanted == 0 || ::xsk_ring_prod__reserve(&tx_, wanted, &first) != wanted) {
    kick();
    return 0;
  }
  for (std::uint32_t i = 0; i < wanted; ++i) {
    const std::uint64_t chunk = free_chunks_.back();
    free_chunks_.pop_back();
    std::memcpy(memory_.data() + chunk, rte_pktmbuf_mtod(frames[i], const void*), frames[i]->data_len);
    *::xsk_ring_prod__tx_desc(&tx_, first + i) = xdp_desc{chunk, frames[i]->data_len, 0};
  }
  ::xsk_ring_prod__submit(&tx_, wanted);
  kick();
  rte_pktmbuf_free_bulk(frames, wanted);
  return static_cast<std::uint16_t>(wanted);
}

void XdpSocket::collect_sent() noexcept {
  for (;;) {
    std::uint32_t first = 0;
    const std::uint32_t count = ::xsk_ring_cons__peek(&completion_, kMaxBurst, &first);
    if (count == 0) return;
    for (std::uint32_t i = 0; i < count; ++i)
      free_chunks_.push_back(*::xsk_ring_cons__comp_addr(&completion_, first + i));
    ::xsk_ring_cons__release(&completion_, count);
  }
}

// Makes the kernel look at the tx ring; without zero copy it sends in here, some dozens a call.
void XdpSocket::kick() noexcept {
  if (::xsk_ring_prod__needs_wakeup(&tx_) != 0) static_cast<void>(::sendto(fd(), nullptr, 0, MSG_DONTWAIT, nullptr, 0));
  kick_again_ = __atomic_load_n(tx_.consumer, __ATOMIC_ACQUIRE) != __atomic_load_n(tx_.producer, __ATOMIC_RELAXED);
}

XdpSocket::Statistics XdpSocket::statistics() const noexcept {
  xdp_statistics kernel{};
  socklen_t length = sizeof kernel;
  if (::getsockopt(fd(), SOL_XDP, XDP_STATISTICS, &kernel, &length) != 0) kernel = {};
  return {kernel.rx_dropped + kernel.rx_ring_full, __atomic_load_n(&rx_no_buffer_, __ATOMIC_RELAXED)};
}

}  // namespace parapet::edge
