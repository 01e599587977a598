// SPDX-License-Identifier: Apache-2.0
// Lists through the slots of a fixed array, oldest first. Indices are kept plus one, so that zeroed memory is empty.
#pragma once

#include <cstdint>

#include "packet/flow/fixed_array.h"

namespace parapet::packet {

struct SlotLinks {
  std::uint32_t older_plus_one;
  std::uint32_t newer_plus_one;
};

struct SlotList {
  std::uint32_t oldest_plus_one = 0;
  std::uint32_t newest_plus_one = 0;

  bool empty() const noexcept { return oldest_plus_one == 0; }
  std::uint32_t oldest() const noexcept { return oldest_plus_one - 1; }

  template <typename Slot>
  void push_newest(FixedArray<Slot>& slots, SlotLinks Slot::* links, std::uint32_t index) noexcept {
    slots[index].*links = {newest_plus_one, 0};
    (empty() ? oldest_plus_one : (slots[newest_plus_one - 1].*links).newer_plus_one) = index + 1;
    newest_plus_one = index + 1;
  }

  template <typename Slot>
  void take_out(FixedArray<Slot>& slots, SlotLinks Slot::* links, std::uint32_t index) noexcept {
    const SlotLinks own = slots[index].*links;
    (own.older_plus_one == 0 ? oldest_plus_one : (slots[own.older_plus_one - 1].*links).newer_plus_one) =
        own.newer_plus_one;
    (own.newer_plus_one == 0 ? newest_plus_one : (slots[own.newer_plus_one - 1].*links).older_plus_one) =
        own.older_plus_one;
    slots[index].*links = {};
  }
};

}  // namespace parapet::packet
