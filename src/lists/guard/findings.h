// SPDX-License-Identifier: Apache-2.0
// What guards saw in a list: why it waits for people, by entry id and never by name.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"

namespace parapet::lists {

// The numbers stand in files: never reuse one.
enum class GuardRule : std::uint8_t {
  growth = 0,         // too many entries more than in the list in force
  shrink = 1,         // too many fewer
  public_suffix = 2,  // a name under which anybody can register one
  top_site = 3,
  shared_host = 4,  // of a host or network of many sites
  own_name = 5,     // the operator's
  resolver = 6,
  hotline = 7,
  certificate = 8,  // OCSP, CRL
  special_use = 9,  // RFC 6761
  guard_data = 10,  // the data that the guards need is missing, empty or old
  self_test = 11,   // what the list should stop it does not, or it stops what it should not
};
inline constexpr std::size_t kGuardRules = 12;
std::string_view name_of(GuardRule rule) noexcept;

// Names that no list may stop.
constexpr bool is_never_block(GuardRule rule) noexcept {
  return rule >= GuardRule::public_suffix && rule <= GuardRule::special_use;
}

inline constexpr std::size_t kMaxNamedEntries = 1000;

struct Finding {
  GuardRule rule;
  std::uint64_t count = 0;       // of entries
  std::vector<EntryId> entries;  // the first kMaxNamedEntries of them
  std::string note;              // guard_data: the file and what is wrong with it
  friend bool operator==(const Finding&, const Finding&) = default;
};
using Findings = std::vector<Finding>;  // each rule once, in the order of their numbers

// Counts one entry more against a rule.
void add_finding(Findings& findings, GuardRule rule, EntryId entry);
void add_finding(Findings& findings, GuardRule rule, std::string note);

// "3 entries growth, 1 entry top_site": for logs and audit.
std::string summary_of(const Findings& findings);

}  // namespace parapet::lists
