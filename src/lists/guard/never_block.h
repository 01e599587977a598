// SPDX-License-Identifier: Apache-2.0
// Names that no list may stop without two people: known suffixes, sites, hosts of many, and what the network lives by.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "canon/entry.h"
#include "lists/guard/findings.h"
#include "lists/guard/guard_names.h"
#include "lists/guard/public_suffixes.h"

namespace parapet::lists {

// A protected name that an entry would stop.
struct Touched {
  GuardRule rule;
  std::string name;  // as the guard data have it, so never an entry's own; a public suffix by a wildcard: "*.ck"
};

// What each rule protects:
//   public_suffix                     the suffix itself
//   top_site, shared_host             the name and "www." before it; a name below it can be listed
//   own_name, resolver, hotline,
//   certificate, special_use          the name and all below it, each URL too
// A domain entry is caught, too, when a protected name stands below it. A URL entry is caught where it is the whole
// site ("/"), else only on names of the second sort.
//   thread  any, after make
class NeverBlock {
 public:
  //   errors  malformed
  static Result<NeverBlock> make(const GuardNames& names);

  std::optional<GuardRule> rule_against(const canon::Entry& entry) const;
  // The same, and what is touched, for people.
  std::optional<Touched> touched_by(const canon::Entry& entry) const;

 private:
  struct Protected {
    GuardRule rule;
    const std::string* name;  // a key of exact_; nullptr: the public suffix list alone knows
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };
  using Names = std::unordered_map<std::string, Protected, Hash, std::equal_to<>>;

  void add(GuardRule rule, const std::string& name);
  static std::optional<Protected> find_in(const Names& names, std::string_view name);
  std::optional<Protected> find_on_host(std::string_view host) const;
  std::optional<Protected> find(const canon::Entry& entry) const;

  std::optional<PublicSuffixes> suffixes_;
  Names exact_;       // the names themselves
  Names with_below_;  // those that protect what is below them
  Names above_;       // what stands above some protected name
};

}  // namespace parapet::lists
