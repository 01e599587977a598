// SPDX-License-Identifier: Apache-2.0
// Printing explanations.
#include "app/cli/explanation.h"

#include <algorithm>

#include "app/cli/answer_fields.h"
#include "app/cli/text_table.h"
#include "counters/names.h"

namespace parapet::cli {
namespace {

const nlohmann::json& matches_of(const nlohmann::json& answer) {
  return field_at(field_at(answer, "explain"), "matches");
}

// "exact", "unenforceable (only_name_visible)"
std::string how_text(const nlohmann::json& match, std::string_view protocol) {
  const auto& enforcement = field_at(field_at(match, "protocols"), protocol);
  std::string text = text_at(enforcement, "how");
  if (text.empty()) return "-";
  const auto reason = text_at(enforcement, "reason");
  if (!reason.empty() && reason != "none") text += " (" + reason + ")";
  return text;
}

}  // namespace

bool is_answer(const nlohmann::json& answer) { return matches_of(answer).is_array(); }

bool is_listed(const nlohmann::json& answer) { return is_answer(answer) && !matches_of(answer).empty(); }

void print_explanation(const nlohmann::json& answer, std::ostream& out) {
  if (!is_listed(answer)) {
    out << "not listed\n";
    return;
  }
  std::vector<TextTable::Column> columns{{"entry"}, {"list"}, {"state"}, {"kind"}, {"ends"}, {"appeal code"}};
  for (const auto protocol : kProtocolNames) columns.push_back({std::string(protocol)});
  TextTable table(std::move(columns));
  for (const auto& match : matches_of(answer)) {
    std::vector<std::string> cells;
    for (const char* name : {"entry_id", "list", "state", "kind"}) cells.push_back(text_at(match, name));
    if (field_at(match, "lifted") == true) cells[2] += ", lifted";
    cells.push_back(time_text(time_at(match, "ends")));
    cells.push_back(text_at(match, "appeal_code"));
    for (const auto protocol : kProtocolNames) cells.push_back(how_text(match, protocol));
    table.add(std::move(cells));
  }
  const auto is_for_some = [](const nlohmann::json& match) { return field_at(match, "for_some") == true; };
  const bool some = std::ranges::any_of(matches_of(answer), is_for_some);
  out << "listed, generation " << count_at(field_at(answer, "explain"), "generation")
      << (some ? ", on a list that is not for every subscriber\n" : "\n");
  table.print(out);
}

void print_legal(const nlohmann::json& answer, std::ostream& out) {
  for (const auto& match : matches_of(answer)) {
    const auto& legal = field_at(match, "legal");
    out << "\nlist " << printable(text_at(match, "list")) << ", entry " << printable(text_at(match, "entry_id"))
        << '\n';
    for (const char* name : {"legal_basis", "authority", "jurisdiction", "category", "contact", "appeal"}) {
      const auto text = text_at(legal, name);
      out << "  " << name << ": " << (text.empty() ? "-" : printable(text)) << '\n';
    }
  }
}

}  // namespace parapet::cli
