// SPDX-License-Identifier: Apache-2.0
// Rings between workers, and waking a sleeping one.
#include "edge/inbox.h"

#include <rte_mbuf.h>
#include <rte_ring.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <string>

namespace parapet::edge {

Result<std::unique_ptr<Inbox>> Inbox::create(WorkerIndex worker, std::uint32_t slots) {
  std::unique_ptr<Inbox> inbox(new Inbox);
  const std::string number = std::to_string(worker.value);
  inbox->strays_ = rte_ring_create(("strays" + number).c_str(), slots, SOCKET_ID_ANY, RING_F_SC_DEQ);
  inbox->outgoing_ = rte_ring_create(("outgoing" + number).c_str(), slots, SOCKET_ID_ANY, RING_F_SC_DEQ);
  if (inbox->strays_ == nullptr || inbox->outgoing_ == nullptr) {
    return fail(ErrorCode::limit, "taking memory for two rings of " + std::to_string(slots) + " slots");
  }
  inbox->wake_ = Fd(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!inbox->wake_.valid()) return fail_errno("making an eventfd");
  return inbox;
}

Inbox::~Inbox() {
  rte_ring_free(strays_);
  rte_ring_free(outgoing_);
}

std::uint32_t Inbox::put(rte_ring* ring, rte_mbuf** frames, std::uint32_t count) noexcept {
  const std::uint32_t taken = rte_ring_mp_enqueue_burst(ring, reinterpret_cast<void**>(frames), count, nullptr);
  // Pairs with the fence in prepare_to_sleep: either the sleeper sees the frames, or we see that it sleeps. The system
  // call is paid only to end a rest.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (asleep_.load(std::memory_order_relaxed)) {
    const std::uint64_t one = 1;
    static_cast<void>(!::write(wake_.get(), &one, sizeof one));
  }
  return taken;
}

std::uint16_t Inbox::take(rte_ring* ring, rte_mbuf** frames, std::uint16_t room) noexcept {
  return static_cast<std::uint16_t>(rte_ring_sc_dequeue_burst(ring, reinterpret_cast<void**>(frames), room, nullptr));
}

bool Inbox::prepare_to_sleep() noexcept {
  asleep_.store(true, std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (rte_ring_empty(strays_) != 0 && rte_ring_empty(outgoing_) != 0) return true;
  asleep_.store(false, std::memory_order_relaxed);
  return false;
}

void Inbox::woke_up() noexcept {
  asleep_.store(false, std::memory_order_relaxed);
  std::uint64_t count = 0;
  static_cast<void>(!::read(wake_.get(), &count, sizeof count));
}

}  // namespace parapet::edge
