// SPDX-License-Identifier: Apache-2.0
// The ledger: what can be done about an entry in each protocol, and why not where nothing can.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "canon/entry.h"
#include "counters/names.h"
#include "lists/compile/digested_list.h"

namespace parapet::lists {

enum class Enforceability : std::uint8_t { exact, widened, unenforceable };
inline constexpr std::size_t kEnforceabilities = 3;

enum class UnenforceableReason : std::uint8_t {
  none,
  only_name_visible,  // the protocol shows a name, never a URL; a URL entry is not widened to its host
};

struct Enforcement {
  Enforceability how;
  UnenforceableReason why_not;
};

std::string_view name_of(Enforceability how) noexcept;
std::string_view name_of(UnenforceableReason reason) noexcept;

Enforcement enforcement_of(canon::EntryKind kind, Protocol protocol) noexcept;

struct Ledger {
  std::array<std::uint64_t, 4> entries_by_kind{};  // host, domain, url, prefix (both spellings); without the ended
  std::uint64_t ended = 0;                         // entries whose own end has come
  std::uint32_t next_end_s = 0;                    // when the next one ends, so that counting anew is due; 0: never
  // Rules that no entry stands for are among the unenforceable ones of each.
  std::array<std::array<std::uint64_t, kEnforceabilities>, kCountOf<Protocol>> by_protocol{};
};
inline constexpr std::array<std::string_view, 4> kLedgerKinds{"host", "domain", "url", "prefix"};

//   trusted_now_s  seconds since 1970
Ledger make_ledger(const DigestedList& list, std::uint64_t trusted_now_s) noexcept;

}  // namespace parapet::lists
