// SPDX-License-Identifier: Apache-2.0
// The keys of control.toml that say what holds a list, and who may release it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/toml_table.h"

namespace parapet::config {

// Where the names stand that no list may stop.
struct GuardOptions {
  std::string directory = "/usr/share/parapet/guard";
  std::string public_suffix_file = "/usr/share/publicsuffix/public_suffix_list.dat";
  std::string own_names_file = "/etc/parapet/own_names.txt";
};

// How far a version of a list may be from the one in force.
struct ChangeLimits {
  std::uint32_t growth_percent = 50;       // more entries added than this share of the list in force: held
  std::uint32_t shrink_percent = 30;       // more removed: held
  std::uint32_t small_change = 25;         // so many entries more or less are never too many
  std::uint32_t size_factor = 4;           // times the median of 30 days; larger: refused
  std::uint32_t withdrawal_wait_s = 3600;  // then a signed list that shrank too much is taken, when nobody answered
};

// By what right a list is enforced, and where who is wronged can turn. Texts for people.
struct LegalOptions {
  std::string legal_basis;
  std::string authority;
  std::string appeal;  // where to appeal: a mail address, a number, a URL
  std::string category;
  std::string jurisdiction;
  std::string contact;  // of the hotline, for the operator

  // Without these a list is not enforced.
  bool complete() const noexcept {
    return !legal_basis.empty() && !authority.empty() && !appeal.empty() && !category.empty() && !jurisdiction.empty();
  }
};

// A person who decides with others.
struct Approver {
  std::string name;
  std::string ed25519;  // public key, base64
};

inline constexpr std::size_t kMaxApprovers = 32;

GuardOptions read_guard(TomlTable table);
ChangeLimits read_change_limits(TomlTable table);
LegalOptions read_legal(TomlTable table);
std::vector<Approver> read_approvers(TomlTable& root);

}  // namespace parapet::config
