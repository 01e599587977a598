// SPDX-License-Identifier: Apache-2.0
// Counting what guards see.
#include "lists/guard/findings.h"

#include <algorithm>

namespace parapet::lists {
namespace {

constexpr std::array<std::string_view, kGuardRules> kNames{"growth",      "shrink",      "public_suffix", "top_site",
                                                           "shared_host", "own_name",    "resolver",      "hotline",
                                                           "certificate", "special_use", "guard_data",    "self_test"};

Finding& finding_of(Findings& findings, GuardRule rule) {
  const auto at = std::ranges::lower_bound(findings, rule, {}, &Finding::rule);
  if (at != findings.end() && at->rule == rule) return *at;
  return *findings.insert(at, Finding{.rule = rule, .count = 0, .entries = {}, .note = {}});
}

}  // namespace

std::string_view name_of(GuardRule rule) noexcept { return kNames[static_cast<std::size_t>(rule)]; }

void add_finding(Findings& findings, GuardRule rule, EntryId entry) {
  auto& finding = finding_of(findings, rule);
  ++finding.count;
  if (finding.entries.size() < kMaxNamedEntries) finding.entries.push_back(entry);
}

void add_finding(Findings& findings, GuardRule rule, std::string note) {
  auto& finding = finding_of(findings, rule);
  if (!finding.note.empty()) finding.note += "; ";
  finding.note += note;
}

std::string summary_of(const Findings& findings) {
  std::string summary;
  for (const auto& finding : findings) {
    if (!summary.empty()) summary += ", ";
    if (finding.count > 0) summary += std::to_string(finding.count) + (finding.count == 1 ? " entry " : " entries ");
    summary += name_of(finding.rule);
    if (!finding.note.empty()) summary += " (" + finding.note + ")";
  }
  return summary;
}

}  // namespace parapet::lists
