// SPDX-License-Identifier: Apache-2.0
// Reading [source.report].
#include "config/report_options.h"

#include <algorithm>

#include "config/https_url.h"

namespace parapet::config {

ReportOptions read_report(TomlTable table, std::string_view source_url) {
  constexpr TextRule kContactRule{"a text of at most 200 bytes of ASCII", 200, [](std::string_view text) {
                                    return std::ranges::all_of(text, [](char c) { return c >= 0; });
                                  }};
  ReportOptions report;
  if (!table.present()) return report;
  report.url = table.text("url", kUrlRule, "");
  report.directory = report.url.empty() ? table.text("directory", kPathRule) : table.text("directory", kPathRule, "");
  report.contact = table.text("contact", kContactRule, "");
  if (report.url.empty()) return report;
  if (source_url.empty()) {
    table.reject("url", "nothing, because the source has no url");
  } else if (origin_of(report.url) != origin_of(source_url)) {
    table.reject("url", "a URL of the same host and port as the source's url, which gets the same credentials");
  }
  return report;
}

}  // namespace parapet::config
