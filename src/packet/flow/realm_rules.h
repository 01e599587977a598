// SPDX-License-Identifier: Apache-2.0
// Which realm a packet belongs to, by the VLANs or the VXLAN network it came in; its pair's own where no rule says.
//
// MPLS labels, PPPoE sessions and TEIDs name a path or a subscriber, differ by direction and change on the way: they
// are never part of a realm.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/ids.h"
#include "packet/decode/decode.h"

namespace parapet::packet {

inline constexpr std::size_t kMaxRealmRules = 64;

// One [[realm]] of edge.toml.
struct RealmRule {
  PairIndex pair;
  TagStack vlans;     // the whole stack, outermost first; none: whatever it is
  std::uint32_t vni;  // kNoVni: whatever it is
  Realm realm;

  bool fits(PairIndex of, const Decoded& decoded) const noexcept {
    if (of != pair || (vni != kNoVni && vni != decoded.vni)) return false;
    if (vlans.count == 0) return true;
    return vlans.count == decoded.tags.count &&
           std::equal(vlans.vlans.begin(), vlans.vlans.begin() + vlans.count, decoded.tags.vlans.begin());
  }
};

struct RealmRules {
  std::array<RealmRule, kMaxRealmRules> rules{};
  std::size_t count = 0;

  // The first rule that fits says it.
  Realm realm_of(PairIndex pair, const Decoded& decoded, Realm otherwise) const noexcept {
    for (std::size_t i = 0; i < count; ++i) {
      if (rules[i].fits(pair, decoded)) return rules[i].realm;
    }
    return otherwise;
  }
};

}  // namespace parapet::packet
