// SPDX-License-Identifier: Apache-2.0
// Writing reports.
#include "lists/report/suspension_report.h"

#include <algorithm>
#include <array>

#include "base/clock.h"
#include "base/json_line.h"
#include "lists/compile/entry_id.h"

namespace parapet::lists {
namespace {

std::string entries_json(const SuspensionReport& report) {
  std::string json = "[";
  for (const EntryId id : report.entries.first(std::min(report.entries.size(), kMaxReportedEntries))) {
    json += std::string(json.size() > 1 ? "," : "") + "{\"id\":\"" + format_entry_id(id) + "\"";
    const auto line = std::ranges::find(report.lines, id, &EntryLine::id);
    if (line != report.lines.end()) append_json_field(json, "line", line->line);
    json += "}";
  }
  return json + "]";
}

}  // namespace

std::string_view name_of(SuspensionEvent event) noexcept {
  constexpr std::array<std::string_view, kSuspensionEvents> kNames{"begun", "confirmed", "ended", "expired"};
  return kNames[static_cast<std::size_t>(event)];
}

std::string format_report(const SuspensionReport& report) {
  const auto& [event, suspension, list, entries, lines, contact, now_realtime_s] = report;
  std::string json = "{\"parapet_report\":1";
  append_json_field(json, "list", list.name);
  append_json_field(json, "what", name_of(event));
  append_json_field(json, "suspension", suspension.number);
  append_json_field(json, "time", now_realtime_s);
  append_json_field(json, "begun", suspension.begun_realtime_s);
  append_json_field(json, "until", suspension.until_realtime_s);
  append_json_field(json, "reason", suspension.reason);
  append_json_field(json, "contact", contact);
  append_json_field(json, "etag", list.etag);
  append_json_field(json, "last_modified", list.last_modified);
  append_json_field(json, "signed_sequence", list.signed_order.sequence);
  append_json_field(json, "fetched", list.fetched_realtime_ns / kNanosecondsPerSecond);
  append_json_field(json, "entries_in_all", std::uint64_t{entries.size()});
  return json + ",\"entries\":" + entries_json(report) + "}\n";
}

}  // namespace parapet::lists
