// SPDX-License-Identifier: Apache-2.0
// Writing and reading findings.
#include "lists/hold/findings_fields.h"

#include <limits>

namespace parapet::lists {
namespace {

constexpr std::size_t kMaxNote = 4096;

}  // namespace

void write_findings(FrameWriter& writer, const Findings& findings) {
  writer.number(findings.size());
  for (const auto& finding : findings) {
    writer.number(static_cast<std::uint64_t>(finding.rule));
    writer.number(finding.count);
    writer.text(finding.note.substr(0, kMaxNote));
    std::vector<std::uint8_t> ids(finding.entries.size() * 8);
    for (std::size_t i = 0; i < finding.entries.size(); ++i) store_be64(ids.data() + 8 * i, finding.entries[i].value);
    writer.field(ids);
  }
}

Findings read_findings(FrameReader& reader) {
  Findings findings;
  for (auto count = reader.number(kGuardRules); count > 0; --count) {
    Finding finding{.rule = reader.choice(GuardRule::self_test), .count = 0, .entries = {}, .note = {}};
    finding.count = reader.number(std::numeric_limits<std::uint64_t>::max());
    finding.note = reader.text();
    const auto ids = reader.field();
    const bool fits = (findings.empty() || findings.back().rule < finding.rule) && finding.note.size() <= kMaxNote &&
                      is_visible(finding.note) && ids.size() % 8 == 0 && ids.size() / 8 <= finding.count &&
                      ids.size() / 8 <= kMaxNamedEntries;
    if (!fits) {
      reader.reject();
      return {};
    }
    for (std::size_t at = 0; at < ids.size(); at += 8) finding.entries.push_back(EntryId{load_be64(ids.data() + at)});
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace parapet::lists
