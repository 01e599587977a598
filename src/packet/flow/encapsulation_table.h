// SPDX-License-Identifier: Apache-2.0
// In what carriers a stream's packets come from the server: a small fixed table, written when a SYN-ACK comes in one. A
// reset towards the client needs it, for the carriers of one direction do not tell those of the other.
//
// A set of four places is chosen by the stream's keyed hash; a new one takes its own stream's place, a free one, or the
// oldest. One that was overwritten only turns a reset into a mere drop.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "packet/flow/encapsulation.h"
#include "packet/flow/fixed_array.h"
#include "packet/flow/stream_key.h"

namespace parapet::packet {

//   thread  one
class EncapsulationTable {
 public:
  static Result<EncapsulationTable> create(std::uint32_t places) {
    auto memory = FixedArray<Place>::create(std::bit_ceil(std::max<std::uint32_t>(places, kWays)), "encapsulations");
    if (!memory) return std::unexpected(memory.error());
    EncapsulationTable table;
    table.places_ = std::move(*memory);
    table.set_mask_ = table.places_.size() / kWays - 1;
    return table;
  }

  const Encapsulation* find(std::uint64_t hash) const noexcept {
    const std::size_t at = (hash & set_mask_) * kWays;
    for (std::size_t i = 0; i < kWays; ++i) {
      if (places_[at + i].is_of(hash)) return &places_[at + i].encapsulation;
    }
    return nullptr;
  }

  // What stands before the packet of this frame; nothing is kept where no packet of ours could be put behind it.
  //   REQUIRES decoded.outcome tcp
  void write(std::uint64_t hash, ByteView frame, const Decoded& decoded, Tick now) noexcept {
    Place& place = place_for(hash, now);
    place.hash = hash;
    place.since = now;
    place.is_taken = copy_encapsulation(frame, decoded, place.encapsulation);
  }

 private:
  static constexpr std::size_t kWays = 4;
  struct Place {
    std::uint64_t hash;
    Tick since;
    bool is_taken;
    Encapsulation encapsulation;
    bool is_of(std::uint64_t stream) const noexcept { return is_taken && hash == stream; }
  };

  Place& place_for(std::uint64_t hash, Tick now) noexcept {
    Place* set = &places_[(hash & set_mask_) * kWays];
    Place* end = set + kWays;
    Place* own = std::find_if(set, end, [hash](const Place& place) { return place.is_of(hash); });
    if (own != end) return *own;
    Place* free = std::find_if(set, end, [](const Place& place) { return !place.is_taken; });
    if (free != end) return *free;
    return *std::max_element(set, end, [now](const Place& a, const Place& b) {
      return ticks_since(a.since, now) < ticks_since(b.since, now);
    });
  }

  FixedArray<Place> places_;
  std::uint64_t set_mask_ = 0;
};

}  // namespace parapet::packet
