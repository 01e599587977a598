// SPDX-License-Identifier: Apache-2.0
// Making the packet buffers.
#include "edge/buffers.h"

#include <rte_errno.h>
#include <rte_lcore.h>
#include <atomic>
#include <string>

namespace parapet::edge {

Result<rte_mempool*> create_buffers(std::uint32_t count, std::uint16_t room) {
  static std::atomic<unsigned> number{0};
  const std::string name = "frames" + std::to_string(number++);
  rte_mempool* pool = rte_pktmbuf_pool_create(name.c_str(), count, 0, 0,
                                              static_cast<std::uint16_t>(room + RTE_PKTMBUF_HEADROOM), SOCKET_ID_ANY);
  if (pool == nullptr) {
    const auto mib = (static_cast<std::uint64_t>(count) * (room + RTE_PKTMBUF_HEADROOM + sizeof(rte_mbuf))) >> 20;
    return fail(ErrorCode::limit, "taking memory for " + std::to_string(count) + " packet buffers, " +
                                      std::to_string(mib) + " MiB: " + rte_strerror(rte_errno) +
                                      "; memory.size_mib must hold it");
  }
  return pool;
}

}  // namespace parapet::edge
