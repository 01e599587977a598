// SPDX-License-Identifier: Apache-2.0
// A report says which lines of which version, why and until when, and no name.
#include "lists/report/suspension_report.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "digested.h"

namespace parapet::lists {
namespace {

constexpr EntryId kFirst{0x0123456789abcdef}, kSecond{0x1122334455667788};

TEST(SuspensionReport, NamesTheSourcesOwnLines) {
  auto list = support::digested("a.example.test\n");
  list.etag = "\"v7\"";
  list.last_modified = "Sat, 28 Nov 2026 06:00:00 GMT";
  list.signed_order.sequence = 41;
  list.fetched_realtime_ns = 1'795'000'000'500'000'000;
  const Suspension suspension{.number = 3,
                              .target = {},
                              .reason = "appeal 17",
                              .by = "anna",
                              .confirmed_by = "boris",
                              .begun_realtime_s = 1'795'900'000,
                              .until_realtime_s = 0};
  const std::vector<EntryId> entries{kFirst, kSecond};
  const std::vector<EntryLine> lines{{kSecond, 12}};
  const auto text = format_report({.event = SuspensionEvent::confirmed,
                                   .suspension = suspension,
                                   .list = list,
                                   .entries = entries,
                                   .lines = lines,
                                   .contact = "noc@provider.example",
                                   .now_realtime_s = 1'795'900'100});
  EXPECT_EQ(nlohmann::json::parse(text),
            nlohmann::json::parse(R"({"parapet_report":1,"list":"hotline","what":"confirmed",
      "suspension":3,"time":1795900100,"begun":1795900000,"until":0,"reason":"appeal 17","contact":"noc@provider.example",
      "etag":"\"v7\"","last_modified":"Sat, 28 Nov 2026 06:00:00 GMT","signed_sequence":41,"fetched":1795000000,
      "entries_in_all":2,"entries":[{"id":"0123456789abcdef"},{"id":"1122334455667788","line":12}]})"));
  for (const char* no : {"example.test", "anna", "boris"}) EXPECT_EQ(text.find(no), std::string::npos) << no;
  EXPECT_TRUE(text.ends_with("}\n"));
}

TEST(SuspensionReport, NamesSoManyEntriesAndCountsTheOthers) {
  const auto list = support::digested("a.example.test\n");
  const Suspension suspension{};
  std::vector<EntryId> entries;
  std::vector<EntryLine> lines;
  for (std::uint64_t i = 0; i < 5000; ++i) {
    entries.push_back({UINT64_MAX - i});
    lines.push_back({entries.back(), UINT64_MAX});
  }
  const auto text = format_report(
      {.event = {}, .suspension = suspension, .list = list, .entries = entries, .lines = lines, .contact = {}});
  const auto json = nlohmann::json::parse(text);
  EXPECT_EQ(json["entries_in_all"], 5000);
  EXPECT_EQ(json["entries"].size(), kMaxReportedEntries);
  EXPECT_LT(text.size(), kMaxReport);
}

}  // namespace
}  // namespace parapet::lists
