// SPDX-License-Identifier: Apache-2.0
// What each protocol allows for each kind.
#include "lists/compile/ledger.h"

namespace parapet::lists {

std::string_view name_of(Enforceability how) noexcept {
  switch (how) {
    case Enforceability::exact: return "exact";
    case Enforceability::widened: return "widened";
    case Enforceability::unenforceable: return "unenforceable";
  }
  return "unknown";
}

std::string_view name_of(UnenforceableReason reason) noexcept {
  switch (reason) {
    case UnenforceableReason::none: return "none";
    case UnenforceableReason::only_name_visible: return "only_name_visible";
  }
  return "unknown";
}

Enforcement enforcement_of(canon::EntryKind kind, Protocol protocol) noexcept {
  constexpr Enforcement kExact{Enforceability::exact, UnenforceableReason::none};
  const bool by_name = kind == canon::EntryKind::host || kind == canon::EntryKind::domain;
  if (protocol == Protocol::http) return kExact;
  if (!by_name) return {Enforceability::unenforceable, UnenforceableReason::only_name_visible};
  return kExact;
}

Ledger make_ledger(const DigestedList& list, std::uint64_t trusted_now_s) noexcept {
  Ledger ledger;
  std::array<std::uint64_t, 6> by_kind{};
  for (const auto& entry : list.entries) {
    if (has_ended(entry, trusted_now_s)) {
      ++ledger.ended;
      continue;
    }
    ++by_kind[static_cast<std::size_t>(entry.kind)];
    const bool is_next = entry.ends_s != 0 && (ledger.next_end_s == 0 || entry.ends_s < ledger.next_end_s);
    if (is_next) ledger.next_end_s = entry.ends_s;
  }
  for (std::size_t number = 1; number < by_kind.size(); ++number) {
    const auto kind = static_cast<canon::EntryKind>(number);
    ledger.entries_by_kind[number < 5 ? number - 1 : 3] += by_kind[number];
    for (std::size_t protocol = 0; protocol < kCountOf<Protocol>; ++protocol) {
      const auto how = enforcement_of(kind, static_cast<Protocol>(protocol)).how;
      ledger.by_protocol[protocol][static_cast<std::size_t>(how)] += by_kind[number];
    }
  }
  for (auto& protocol : ledger.by_protocol) {
    protocol[static_cast<std::size_t>(Enforceability::unenforceable)] += list.unenforceable;
  }
  return ledger;
}

}  // namespace parapet::lists
