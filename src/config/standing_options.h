// SPDX-License-Identifier: Apache-2.0
// For how long and for whom a source's list stands: part of a [[source]] of control.toml.
#pragma once

#include <cstdint>
#include <vector>

#include "base/address_prefix.h"
#include "config/toml_table.h"

namespace parapet::config {

inline constexpr std::size_t kMaxSelectors = 16;   // of a source, of each of the two sorts
inline constexpr std::size_t kMaxPrefixes = 1024;  // of a source

// Subscribers of one of these realms and with an address in one of these prefixes; none of one sort: of any.
struct SelectorOptions {
  std::vector<std::uint16_t> realms;
  std::vector<AddressPrefix> prefixes;
};

struct StandingOptions {
  std::uint32_t ends_s = 0;                 // seconds since 1970; 0: never
  std::uint32_t max_stale_s = 0;            // since somebody confirmed the list; 0: any time
  bool is_shadow_when_stale = false;        // else it goes on enforcing
  std::vector<SelectorOptions> applies_to;  // empty: everybody
  std::vector<SelectorOptions> exempt;
};

//   errors  remembered by the table's document
StandingOptions read_standing(TomlTable& source);

}  // namespace parapet::config
