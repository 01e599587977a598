// SPDX-License-Identifier: Apache-2.0
// Numbers that must not be mixed up: each index names its space.
#pragma once

#include <compare>
#include <cstdint>

namespace parapet {

template <typename Tag, typename Value>
struct Id {
  Value value{};
  friend constexpr auto operator<=>(const Id&, const Id&) = default;
};

using WorkerIndex = Id<struct WorkerTag, std::uint16_t>;
using PairIndex = Id<struct PairTag, std::uint16_t>;        // one [[pair]] of edge.toml
using ListIndex = Id<struct ListTag, std::uint16_t>;        // into the list table of one snapshot
using RuleSetIndex = Id<struct RuleSetTag, std::uint32_t>;  // into the rule sets of one snapshot
using EntryId = Id<struct EntryTag, std::uint64_t>;         // keyed; the same for the same entry of the same list
using Realm = Id<struct RealmTag, std::uint16_t>;           // from configuration; part of every flow key
using Generation = std::uint64_t;                           // of a snapshot; 0 means none

// Where a frame came in from.
enum class Side : std::uint8_t { subscriber, transit };

constexpr Side opposite(Side side) noexcept { return side == Side::subscriber ? Side::transit : Side::subscriber; }

}  // namespace parapet
