// SPDX-License-Identifier: Apache-2.0
// Whether what is listed stands: for how long, and for whom.
#include <algorithm>
#include <cstring>

#include "snapshot/snapshot.h"

namespace parapet::snapshot {
namespace {

constexpr bool has_come(std::uint32_t time_s, std::uint32_t now_s) noexcept { return time_s != 0 && now_s >= time_s; }

bool holds(const PrefixRecord& prefix, const std::array<std::uint8_t, 16>& address) noexcept {
  const std::size_t whole = prefix.bits / 8;
  if (std::memcmp(prefix.network, address.data(), whole) != 0) return false;
  const unsigned rest = prefix.bits % 8;
  return rest == 0 || ((prefix.network[whole] ^ address[whole]) >> (8 - rest)) == 0;
}

// Of prefixes that lie apart, only the last one that begins at or before the address can hold it.
bool any_holds(std::span<const PrefixRecord> prefixes, const Occasion& occasion) noexcept {
  const std::uint8_t family = occasion.is_ipv4 ? 4 : 6;
  const auto begins_before = [&](const PrefixRecord& prefix) {
    if (prefix.family != family) return prefix.family < family;
    return std::memcmp(prefix.network, occasion.subscriber->data(), sizeof prefix.network) <= 0;
  };
  const auto behind = std::ranges::partition_point(prefixes, begins_before);
  if (behind == prefixes.begin()) return false;
  const PrefixRecord& prefix = *(behind - 1);
  return prefix.family == family && holds(prefix, *occasion.subscriber);
}

}  // namespace

ListState Snapshot::state_at(ListIndex list, Nanoseconds trusted_realtime_ns) const noexcept {
  const ListRecord& record = lists_[list.value];
  const auto state = static_cast<ListState>(record.state);
  const std::uint32_t now_s = seconds_of(trusted_realtime_ns);
  if (has_come(record.ends_s, now_s)) return ListState::off;
  return has_come(record.shadow_from_s, now_s) ? std::min(state, ListState::shadow) : state;
}

bool Snapshot::stands(const Rule& rule, const Occasion& occasion) const noexcept {
  const ListRecord& list = lists_[rule.list];
  const std::uint32_t rule_ends_s =
      rule_ends_.empty() ? 0 : rule_ends_[static_cast<std::size_t>(&rule - rules_.data())];
  if ((rule_ends_s | list.ends_s) != 0) {
    const std::uint32_t now_s = seconds_of(occasion.trusted_realtime_ns);
    if (has_come(rule_ends_s, now_s) || has_come(list.ends_s, now_s)) return false;
  }
  return (list.applies_to_count | list.exempt_count) == 0 || concerns(list, occasion);
}

bool Snapshot::concerns(const ListRecord& list, const Occasion& occasion) const noexcept {
  const auto any_selects = [&](std::span<const Selector> selectors) {
    return std::ranges::any_of(selectors, [&](const Selector& selector) { return selects(selector, occasion); });
  };
  const auto own = selectors_.subspan(list.first_selector, std::size_t{list.applies_to_count} + list.exempt_count);
  if (list.applies_to_count != 0 && !any_selects(own.first(list.applies_to_count))) return false;
  return !any_selects(own.subspan(list.applies_to_count));
}

bool Snapshot::selects(const Selector& selector, const Occasion& occasion) const noexcept {
  const auto realms = realms_.subspan(selector.first_realm, selector.realm_count);
  if (!realms.empty() && !std::ranges::binary_search(realms, occasion.realm.value)) return false;
  const auto prefixes = prefixes_.subspan(selector.first_prefix, selector.prefix_count);
  return prefixes.empty() || any_holds(prefixes, occasion);
}

}  // namespace parapet::snapshot
