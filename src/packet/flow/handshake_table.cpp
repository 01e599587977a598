// SPDX-License-Identifier: Apache-2.0
// The set-associative table of handshakes.
#include "packet/flow/handshake_table.h"

#include <bit>

namespace parapet::packet {

Result<HandshakeTable> HandshakeTable::create(std::uint32_t slots) {
  if (slots < kWays || !std::has_single_bit(slots)) {
    return fail(ErrorCode::invalid_argument, "handshake slots: a power of two of at least 4 is needed");
  }
  auto memory = FixedArray<HandshakeSlot>::create(slots, "handshake slots");
  if (!memory) return std::unexpected(memory.error());
  HandshakeTable table;
  table.slots_ = std::move(*memory);
  table.set_mask_ = slots / kWays - 1;
  return table;
}

HandshakeSlot* HandshakeTable::find(std::uint64_t hash) noexcept {
  HandshakeSlot* set = set_of(hash);
  for (std::size_t i = 0; i < kWays; ++i) {
    if (set[i].tag == tag_of(hash)) return &set[i];
  }
  return nullptr;
}

void HandshakeTable::write(std::uint64_t hash, const Handshake& handshake, Tick now) noexcept {
  HandshakeSlot* slot = find(hash);
  if (slot != nullptr && slot->server_isn == handshake.server_isn && slot->client_isn == handshake.client_isn) return;
  if (slot == nullptr) {
    slot = set_of(hash);
    HandshakeSlot* set = slot;
    for (std::size_t i = 0; i < kWays; ++i) {
      if (set[i].tag == 0) {
        slot = &set[i];
        break;
      }
      if (ticks_since(set[i].tick, now) > ticks_since(slot->tick, now)) slot = &set[i];
    }
  }
  *slot = {.tag = tag_of(hash),
           .server_isn = handshake.server_isn,
           .client_isn = handshake.client_isn,
           .settled_seq = 0,
           .tick = now,
           .mss = handshake.mss,
           .flags = handshake.flags,
           .zero = 0,
           .client_timestamp = handshake.client_timestamp};
}

}  // namespace parapet::packet
