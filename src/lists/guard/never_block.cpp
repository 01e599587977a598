// SPDX-License-Identifier: Apache-2.0
// Comparing entries with protected names.
#include "lists/guard/never_block.h"

namespace parapet::lists {
namespace {

bool protects_below(GuardRule rule) { return rule >= GuardRule::own_name; }

// The name without its first label; empty where there is only one.
std::string_view parent_of(std::string_view name) {
  const auto dot = name.find('.');
  return dot == std::string_view::npos ? std::string_view{} : name.substr(dot + 1);
}

bool is_whole_site(const canon::Entry& entry) { return entry.path == "/" && entry.query.empty(); }

}  // namespace

Result<NeverBlock> NeverBlock::make(const GuardNames& names) {
  NeverBlock guard;
  for (const auto& file : names.files) {
    if (file.rule == GuardRule::public_suffix) {
      auto suffixes = PublicSuffixes::parse(file.text);
      if (!suffixes) return std::unexpected(suffixes.error());
      guard.suffixes_.emplace(std::move(*suffixes));
      continue;
    }
    auto parsed = parse_guard_file(file.text);
    if (!parsed) return std::unexpected(parsed.error().within(name_of(file.rule)));
    for (const auto& name : *parsed) guard.add(file.rule, name);
  }
  return guard;
}

void NeverBlock::add(GuardRule rule, const std::string& name) {
  auto& own = *exact_.try_emplace(name, Protected{rule, nullptr}).first;
  const Protected known{rule, &own.first};
  if (own.second.name == nullptr) own.second.name = known.name;
  if (protects_below(rule)) {
    with_below_.try_emplace(name, known);
  } else {
    exact_.try_emplace("www." + name, known);
  }
  for (auto above = parent_of(name); !above.empty(); above = parent_of(above)) {
    above_.try_emplace(std::string(above), known);
  }
}

std::optional<NeverBlock::Protected> NeverBlock::find_in(const Names& names, std::string_view name) {
  const auto at = names.find(name);
  if (at == names.end()) return std::nullopt;
  return at->second;
}

std::optional<NeverBlock::Protected> NeverBlock::find_on_host(std::string_view host) const {
  if (const auto found = find_in(exact_, host)) return found;
  if (suffixes_ && suffixes_->is_suffix(host)) return Protected{GuardRule::public_suffix, nullptr};
  return std::nullopt;
}

std::optional<NeverBlock::Protected> NeverBlock::find(const canon::Entry& entry) const {
  using enum canon::EntryKind;
  for (std::string_view name = entry.host; !name.empty(); name = parent_of(name)) {
    if (const auto found = find_in(with_below_, name)) return found;
  }
  const bool by_name = entry.kind == host || entry.kind == domain;
  if (!by_name && !is_whole_site(entry)) return std::nullopt;
  if (const auto found = find_on_host(entry.host)) return found;
  return entry.kind == domain ? find_in(above_, entry.host) : std::nullopt;
}

std::optional<GuardRule> NeverBlock::rule_against(const canon::Entry& entry) const {
  const auto found = find(entry);
  if (!found) return std::nullopt;
  return found->rule;
}

std::optional<Touched> NeverBlock::touched_by(const canon::Entry& entry) const {
  const auto found = find(entry);
  if (!found) return std::nullopt;
  return Touched{found->rule, found->name != nullptr ? *found->name : suffixes_->rule_of(entry.host)};
}

}  // namespace parapet::lists
