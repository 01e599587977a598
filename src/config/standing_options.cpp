// SPDX-License-Identifier: Apache-2.0
// The keys ends, max_stale_s and when_stale, and the tables applies_to and exempt.
#include "config/standing_options.h"

#include <array>
#include <string>

namespace parapet::config {
namespace {

bool is_prefix(std::string_view text) { return AddressPrefix::parse(std::string(text), true).has_value(); }

constexpr TextRule kPrefixRule{"a prefix such as \"192.0.2.0/24\" or \"2001:db8::/32\", no bit set behind it", 64,
                               is_prefix};

SelectorOptions read_selector(TomlTable& table) {
  SelectorOptions selector;
  for (const std::uint64_t realm : table.integers("realms", 0, 65535, 0, 256)) {
    selector.realms.push_back(static_cast<std::uint16_t>(realm));
  }
  for (const std::string& text : table.texts("prefixes", kPrefixRule, kMaxPrefixes)) {
    selector.prefixes.push_back(*AddressPrefix::parse(text, true));
  }
  const bool is_asked = table.has("realms") || table.has("prefixes");
  if (selector.realms.empty() && selector.prefixes.empty()) {
    table.reject(is_asked ? "prefixes" : "realms", "realms, prefixes, or both");
  }
  return selector;
}

std::vector<SelectorOptions> read_selectors(TomlTable& source, std::string_view key, std::size_t& prefixes) {
  std::vector<SelectorOptions> selectors;
  for (TomlTable& table : source.tables(key, 0, kMaxSelectors)) {
    selectors.push_back(read_selector(table));
    prefixes += selectors.back().prefixes.size();
    if (prefixes > kMaxPrefixes) table.reject("prefixes", "at most 1024 prefixes in all selectors of a source");
  }
  return selectors;
}

}  // namespace

StandingOptions read_standing(TomlTable& source) {
  constexpr std::array<std::pair<std::string_view, bool>, 2> kWhenStale{{{"enforce", false}, {"shadow", true}}};
  StandingOptions standing;
  standing.ends_s = source.date_time_s("ends").value_or(0);
  standing.max_stale_s = static_cast<std::uint32_t>(source.integer("max_stale_s", 60, 31'536'000, 0));
  standing.is_shadow_when_stale = source.choice<bool>("when_stale", kWhenStale, false);
  if (standing.is_shadow_when_stale && standing.max_stale_s == 0) {
    source.reject("max_stale_s", "an integer 60..31536000, because when_stale is shadow");
  }
  std::size_t prefixes = 0;
  standing.applies_to = read_selectors(source, "applies_to", prefixes);
  standing.exempt = read_selectors(source, "exempt", prefixes);
  return standing;
}

}  // namespace parapet::config
