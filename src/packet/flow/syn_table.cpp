// SPDX-License-Identifier: Apache-2.0
// The set-associative table of SYNs.
#include "packet/flow/syn_table.h"

#include <bit>

namespace parapet::packet {

Result<SynTable> SynTable::create(std::uint32_t slots) {
  if (slots < kWays || !std::has_single_bit(slots)) {
    return fail(ErrorCode::invalid_argument, "SYN slots: a power of two of at least 4 is needed");
  }
  auto memory = FixedArray<SynSlot>::create(slots, "SYN slots");
  if (!memory) return std::unexpected(memory.error());
  SynTable table;
  table.slots_ = std::move(*memory);
  table.set_mask_ = slots / kWays - 1;
  return table;
}

void SynTable::write(std::uint64_t hash, std::uint32_t first_seq, Tick now) noexcept {
  SynSlot* const set = &slots_[set_of(hash)];
  SynSlot* oldest = set;
  for (std::size_t i = 0; i < kWays; ++i) {
    SynSlot& slot = set[i];
    if (slot.tag == tag_of(hash)) {
      if (slot.first_seq != first_seq) slot.earlier_first_seq = slot.first_seq;
      slot.first_seq = first_seq;
      slot.tick = now;
      return;
    }
    const bool is_older =
        slot.tag == 0 ? oldest->tag != 0 : ticks_since(slot.tick, now) > ticks_since(oldest->tick, now);
    if (oldest->tag != 0 && is_older) oldest = &slot;
  }
  *oldest = {.tag = tag_of(hash), .first_seq = first_seq, .earlier_first_seq = first_seq, .tick = now};
}

std::optional<std::uint32_t> SynTable::first_seq_before(std::uint64_t hash, std::uint32_t seq,
                                                        std::uint32_t window) const noexcept {
  const SynSlot* const set = &slots_[set_of(hash)];
  for (std::size_t i = 0; i < kWays; ++i) {
    if (set[i].tag != tag_of(hash)) continue;
    for (const std::uint32_t first : {set[i].first_seq, set[i].earlier_first_seq}) {
      if (seq - first <= window) return first;
    }
  }
  return std::nullopt;
}

}  // namespace parapet::packet
