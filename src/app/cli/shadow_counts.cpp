// SPDX-License-Identifier: Apache-2.0
// Printing counts of shadow.
#include "app/cli/shadow_counts.h"

#include "app/cli/answer_fields.h"
#include "app/cli/text_table.h"
#include "counters/names.h"

namespace parapet::cli {
namespace {

void add_row(TextTable& table, const std::string& list, const std::string& what, const nlohmann::json& count) {
  std::vector<std::string> cells{list, what, time_text(time_at(count, "since"))};
  for (const auto protocol : kProtocolNames) {
    cells.push_back(with_thousands(count_at(field_at(count, "requests"), protocol)));
  }
  table.add(std::move(cells));
}

}  // namespace

void print_shadow_counts(const nlohmann::json& sources, std::ostream& out) {
  std::vector<TextTable::Column> columns{{"would have stopped"}, {"what"}, {"since"}};
  for (const auto protocol : kProtocolNames) columns.push_back({std::string(protocol), Align::right});
  TextTable table(std::move(columns));
  for (const auto& source : sources) {
    const auto& shadow = field_at(source, "shadow");
    if (!shadow.is_object()) continue;
    const auto name = text_at(source, "name");
    const auto& version = field_at(shadow, "version");
    add_row(table, name, "all versions", shadow);
    add_row(table, name, "version " + std::to_string(count_at(version, "sequence")), version);
  }
  if (table.empty()) return;
  out << '\n';
  table.print(out, "");
}

}  // namespace parapet::cli
