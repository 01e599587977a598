// SPDX-License-Identifier: Apache-2.0
// Reading [guard], [source.guard] and [[approver]].
#include "config/guard_options.h"

#include <algorithm>

namespace parapet::config {
namespace {

bool is_ed25519_key(std::string_view text) {
  return text.size() == 44 && text.ends_with('=') && std::ranges::all_of(text.substr(0, 43), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
         });
}

constexpr TextRule kKeyRule{"a public key as `parapet key new` prints it (44 characters of base64)", 44,
                            is_ed25519_key};

std::uint32_t number(TomlTable& table, std::string_view key, std::uint32_t min, std::uint32_t max,
                     std::uint32_t fallback) {
  return static_cast<std::uint32_t>(table.integer(key, min, max, fallback));
}

}  // namespace

GuardOptions read_guard(TomlTable table) {
  GuardOptions guard;
  guard.directory = table.text("directory", kPathRule, guard.directory);
  guard.public_suffix_file = table.text("public_suffix_file", kPathRule, guard.public_suffix_file);
  guard.own_names_file = table.text("own_names_file", kPathRule, guard.own_names_file);
  return guard;
}

ChangeLimits read_change_limits(TomlTable table) {
  ChangeLimits limits;
  limits.growth_percent = number(table, "growth_percent", 1, 100'000, limits.growth_percent);
  limits.shrink_percent = number(table, "shrink_percent", 1, 100, limits.shrink_percent);
  limits.small_change = number(table, "small_change", 0, 10'000, limits.small_change);
  limits.size_factor = number(table, "size_factor", 2, 1000, limits.size_factor);
  limits.withdrawal_wait_s = number(table, "withdrawal_wait_s", 1, 86'400, limits.withdrawal_wait_s);
  return limits;
}

LegalOptions read_legal(TomlTable table) {
  constexpr TextRule kTextRule{"a text of at most 500 bytes", 500, nullptr};
  return {.legal_basis = table.text("legal_basis", kTextRule, ""),
          .authority = table.text("authority", kTextRule, ""),
          .appeal = table.text("appeal", kTextRule, ""),
          .category = table.text("category", kNameRule, ""),
          .jurisdiction = table.text("jurisdiction", kTextRule, ""),
          .contact = table.text("contact", kTextRule, "")};
}

std::vector<Approver> read_approvers(TomlTable& root) {
  std::vector<Approver> approvers;
  for (auto& table : root.tables("approver", 0, kMaxApprovers)) {
    approvers.push_back({table.text("name", kNameRule), table.text("ed25519", kKeyRule)});
    const auto& last = approvers.back();
    if (std::ranges::count(approvers, last.name, &Approver::name) > 1) {
      table.reject("name", "a name that no other approver has");
    }
    if (std::ranges::count(approvers, last.ed25519, &Approver::ed25519) > 1) {
      table.reject("ed25519", "a key that no other approver has: two keys of one person are not two people");
    }
  }
  return approvers;
}

}  // namespace parapet::config
