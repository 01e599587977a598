// SPDX-License-Identifier: Apache-2.0
// Packet buffers: where they come from, and how they go without leaving a name behind.
#pragma once

#include <rte_mbuf.h>
#include <cstdint>

#include "base/result.h"
#include "base/secret.h"

namespace parapet::edge {

// A pool without per-core caches: buffers go round first in, first out, so that a freed one is overwritten as soon as
// `count` others have been used.
//   room    bytes of one frame, headroom not counted
//   errors  limit (context says how much memory it wanted)
Result<rte_mempool*> create_buffers(std::uint32_t count, std::uint16_t room);

// Overwrites all of the buffer and frees it.
inline void wipe_and_free(rte_mbuf* frame) noexcept {
  wipe(frame->buf_addr, frame->buf_len);
  rte_pktmbuf_free(frame);
}

// Overwrites what lies behind the frame's end.
inline void wipe_tail(rte_mbuf* frame) noexcept {
  const std::size_t end = static_cast<std::size_t>(frame->data_off) + frame->data_len;
  wipe(static_cast<std::uint8_t*>(frame->buf_addr) + end, frame->buf_len - end);
}

}  // namespace parapet::edge
