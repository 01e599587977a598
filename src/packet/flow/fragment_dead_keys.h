// SPDX-License-Identifier: Apache-2.0
// Datagrams that were stopped on their way in fragments: as long as a server may hold what went on of one, the rest of
// it must not.
//
// A set of four places is chosen by the datagram's keyed hash; a new one takes a place that is free or over, else the
// oldest.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "base/clock.h"
#include "packet/flow/fixed_array.h"
#include "packet/flow/stream_key.h"

namespace parapet::packet {

// Linux holds fragments for 30 seconds, others for 60 (RFC 8200 §4.5; RFC 1122 §3.3.2 says 60 to 120, and none is known
// that waits so long). Counted from the stop, which is later than the first fragment.
inline constexpr Tick kDeadTicks = tick_of(60 * kNanosecondsPerSecond) + 1;

enum class WhyDead : std::uint8_t { alive, overlap, stopped };

//   thread  one
class FragmentDeadKeys {
 public:
  static Result<FragmentDeadKeys> create(std::uint32_t places) {
    auto memory = FixedArray<Place>::create(std::bit_ceil(std::max<std::uint32_t>(places, kWays)), "dead datagrams");
    if (!memory) return std::unexpected(memory.error());
    FragmentDeadKeys keys;
    keys.places_ = std::move(*memory);
    keys.set_mask_ = keys.places_.size() / kWays - 1;
    return keys;
  }

  WhyDead why(std::uint64_t hash, Tick now) const noexcept {
    const Place* set = &places_[(hash & set_mask_) * kWays];
    for (std::size_t i = 0; i < kWays; ++i) {
      if (set[i].hash == hash && set[i].is_live(now)) return set[i].why;
    }
    return WhyDead::alive;
  }

  // Whether another had to be forgotten for it.
  bool add(std::uint64_t hash, WhyDead why, Tick now) noexcept {
    Place* set = &places_[(hash & set_mask_) * kWays];
    Place* chosen = set;
    for (std::size_t i = 0; i < kWays; ++i) {
      if (!set[i].is_live(now)) {
        chosen = &set[i];
        break;
      }
      if (ticks_since(set[i].since, now) > ticks_since(chosen->since, now)) chosen = &set[i];
    }
    const bool forgets = chosen->is_live(now);
    *chosen = {hash, now, why};
    return forgets;
  }

 private:
  static constexpr std::size_t kWays = 4;
  struct Place {
    std::uint64_t hash;
    Tick since;
    WhyDead why;  // alive: free
    bool is_live(Tick now) const noexcept { return why != WhyDead::alive && ticks_since(since, now) <= kDeadTicks; }
  };

  FixedArray<Place> places_;
  std::uint64_t set_mask_ = 0;
};

}  // namespace parapet::packet
