// SPDX-License-Identifier: Apache-2.0
// Selectors into their sections: sorted, and of prefixes that lie in each other the widest alone.
#include "snapshot/selector_tables.h"

#include <algorithm>
#include <tuple>

namespace parapet::snapshot {
namespace {

PrefixRecord record_of(const AddressPrefix& prefix) {
  PrefixRecord record{};
  std::ranges::copy(prefix.address(), record.network);
  record.bits = static_cast<std::uint8_t>(prefix.bits());
  record.family = prefix.is_ipv4() ? 4 : 6;
  return record;
}

std::vector<AddressPrefix> lay_apart(std::vector<AddressPrefix> prefixes) {
  std::ranges::sort(prefixes, {}, [](const AddressPrefix& prefix) { return std::tuple(!prefix.is_ipv4(), prefix); });
  std::vector<AddressPrefix> apart;
  for (const AddressPrefix& prefix : prefixes) {
    const bool inside =
        !apart.empty() && apart.back().is_ipv4() == prefix.is_ipv4() && apart.back().holds(prefix.address());
    if (!inside) apart.push_back(prefix);
  }
  return apart;
}

}  // namespace

Status check_selectors(const ListInput& list) {
  std::size_t prefixes = 0;
  for (const auto* selectors : {&list.applies_to, &list.exempt}) {
    if (selectors->size() > kMaxSelectors) {
      return fail(ErrorCode::limit, "a list has at most " + std::to_string(kMaxSelectors) + " selectors of each sort");
    }
    for (const SelectorInput& selector : *selectors) {
      if (selector.realms.empty() && selector.prefixes.empty()) {
        return fail(ErrorCode::invalid_argument, "a list's selector names neither a realm nor a prefix");
      }
      prefixes += selector.prefixes.size();
    }
  }
  if (prefixes > kMaxPrefixes) {
    return fail(ErrorCode::limit, "a list selects by at most " + std::to_string(kMaxPrefixes) + " prefixes");
  }
  return {};
}

SelectorTables::SelectorTables(std::span<const ListInput> lists) {
  for (const ListInput& list : lists) {
    first_of.push_back(static_cast<std::uint32_t>(selectors.size()));
    for (const SelectorInput& input : list.applies_to) add(input);
    for (const SelectorInput& input : list.exempt) add(input);
  }
}

void SelectorTables::add(const SelectorInput& input) {
  Selector selector{};
  selector.first_realm = static_cast<std::uint32_t>(realms.size());
  realms.insert(realms.end(), input.realms.begin(), input.realms.end());
  std::sort(realms.begin() + selector.first_realm, realms.end());
  selector.realm_count = static_cast<std::uint32_t>(realms.size() - selector.first_realm);
  selector.first_prefix = static_cast<std::uint32_t>(prefixes.size());
  for (const AddressPrefix& prefix : lay_apart(input.prefixes)) prefixes.push_back(record_of(prefix));
  selector.prefix_count = static_cast<std::uint32_t>(prefixes.size() - selector.first_prefix);
  selectors.push_back(selector);
}

}  // namespace parapet::snapshot
