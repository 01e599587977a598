// SPDX-License-Identifier: Apache-2.0
// Who takes how much of what all share, so that one subscriber's flood costs that subscriber and not the others.
//
// A fixed table by the keyed hash of the subscriber; a few may fall together in one place, and then share its lot.
#pragma once

#include <cstdint>

#include "packet/flow/fixed_array.h"
#include "packet/flow/stream_key.h"

namespace parapet::packet {

using SubscriberPlace = Id<struct SubscriberPlaceTag, std::uint16_t>;

//   thread  one
class SubscriberShares {
 public:
  static Result<SubscriberShares> create() {
    auto memory = FixedArray<Share>::create(kPlaces, "the shares of subscribers");
    if (!memory) return std::unexpected(memory.error());
    SubscriberShares shares;
    shares.places_ = std::move(*memory);
    return shares;
  }

  static SubscriberPlace place_of(std::uint64_t subscriber_hash) noexcept {
    return {static_cast<std::uint16_t>(subscriber_hash % kPlaces)};
  }

  // Things that are held until they are given back.
  void hold(SubscriberPlace place) noexcept { ++places_[place.value].held; }
  void give_back(SubscriberPlace place) noexcept { --places_[place.value].held; }
  std::uint32_t held(SubscriberPlace place) const noexcept { return places_[place.value].held; }

  // Work that was done in the second `second`; counts anew in the next.
  void spend(SubscriberPlace place, std::uint32_t second, std::uint32_t amount) noexcept {
    Share& share = places_[place.value];
    if (share.second != second) share = {share.held, second, 0};
    share.spent += amount;
  }
  std::uint32_t spent(SubscriberPlace place, std::uint32_t second) const noexcept {
    const Share& share = places_[place.value];
    return share.second == second ? share.spent : 0;
  }

 private:
  static constexpr std::size_t kPlaces = 4096;
  struct Share {
    std::uint32_t held;
    std::uint32_t second;
    std::uint32_t spent;
  };
  FixedArray<Share> places_;
};

}  // namespace parapet::packet
