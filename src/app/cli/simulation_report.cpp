// SPDX-License-Identifier: Apache-2.0
// The report as JSON, and from there for eyes: both say the same.
#include "app/cli/simulation_report.h"

#include "app/cli/answer_fields.h"
#include "app/cli/text_table.h"
#include "counters/names.h"

namespace parapet::cli {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kShownTouches = 20;  // of each guard, for eyes

Json ledger_json(const Simulation& simulation) {
  Json json = Json::object();
  for (std::size_t protocol = 0; protocol < kCountOf<Protocol>; ++protocol) {
    auto& one = json[std::string(kProtocolNames[protocol])];
    const auto& counts = simulation.ledger.by_protocol[protocol];
    for (std::size_t how = 0; how < lists::kEnforceabilities; ++how) {
      one[std::string(lists::name_of(static_cast<lists::Enforceability>(how)))] = counts[how];
    }
    const auto unenforceable = counts[static_cast<std::size_t>(lists::Enforceability::unenforceable)];
    one["why"] = {{"only_name_visible", unenforceable - simulation.unenforceable},
                  {"no_entry", simulation.unenforceable}};
  }
  return json;
}

const Json& finding_of(const Json& answer, std::string_view rule) {
  static const Json kNone;
  for (const auto& finding : field_at(answer, "findings")) {
    if (text_at(finding, "rule") == rule) return finding;
  }
  return kNone;
}

// parapetd tells entry ids, we know lines: both in the order of the file. Where it counts others, because people
// released some or its guard data differ, which is which is not known.
Json touched_json(const Simulation& simulation, const Json& answer) {
  Json json = Json::array();
  for (const auto& rule : simulation.touched) {
    const auto& finding = finding_of(answer, lists::name_of(rule.rule));
    const auto& ids = field_at(finding, "entry_ids");
    const bool same = count_at(finding, "count") == rule.count && ids.is_array() && ids.size() == rule.touches.size();
    Json entries = Json::array();
    for (std::size_t i = 0; i < rule.touches.size(); ++i) {
      const auto& touch = rule.touches[i];
      entries.push_back({{"line", touch.line},
                         {"guard_name", touch.guard_name},
                         {"entry_id", same && ids[i].is_string() ? ids[i] : Json("")}});
    }
    json.push_back({{"rule", lists::name_of(rule.rule)}, {"count", rule.count}, {"entries", std::move(entries)}});
  }
  return json;
}

Json findings_json(const lists::Findings& findings) {
  Json json = Json::array();
  for (const auto& finding : findings) {
    json.push_back({{"rule", lists::name_of(finding.rule)}, {"count", finding.count}, {"note", finding.note}});
  }
  return json;
}

// As src/lists/hold/intake.cpp refuses it: nobody could release so many.
std::string refusal_of(const Simulation& simulation) {
  for (const auto& rule : simulation.touched) {
    if (rule.count <= lists::kMaxNamedEntries) continue;
    return std::to_string(rule.count) + " of its entries are names that no list may stop (" +
           std::string(lists::name_of(rule.rule)) + ")";
  }
  return {};
}

void judge_here(const Simulation& simulation, Json& report) {
  const auto refusal = refusal_of(simulation);
  report["findings"] = findings_json(simulation.findings());
  report["refusal"] = refusal;
  report["outcome"] = !refusal.empty() ? "refused" : report["findings"].empty() ? "taken" : "held";
}

void judge_by_parapetd(const Json& answer, Json& report) {
  report["findings"] = Json::array();
  for (const auto& finding : field_at(answer, "findings")) {
    report["findings"].push_back({{"rule", text_at(finding, "rule")},
                                  {"count", count_at(finding, "count")},
                                  {"note", text_at(finding, "note")}});
  }
  report["refusal"] = text_at(answer, "error_context");
  report["outcome"] = text_at(answer, "outcome");
}

void print_entries(const Json& report, std::ostream& out) {
  TextTable entries(
      {{"host", Align::right}, {"domain", Align::right}, {"url", Align::right}, {"prefix", Align::right}});
  std::vector<std::string> counts;
  for (const auto kind : lists::kLedgerKinds) {
    counts.push_back(with_thousands(count_at(field_at(report, "entries"), kind)));
  }
  entries.add(std::move(counts));
  entries.print(out);
  out << '\n';
  TextTable ledger({{"protocol"},
                    {"exact", Align::right},
                    {"widened", Align::right},
                    {"unenforceable", Align::right},
                    {"only the name is visible", Align::right},
                    {"no entry stands for it", Align::right}});
  for (const auto protocol : kProtocolNames) {
    const auto& counts_of = field_at(field_at(report, "ledger"), protocol);
    const auto& why = field_at(counts_of, "why");
    ledger.add({std::string(protocol), with_thousands(count_at(counts_of, "exact")),
                with_thousands(count_at(counts_of, "widened")), with_thousands(count_at(counts_of, "unenforceable")),
                with_thousands(count_at(why, "only_name_visible")), with_thousands(count_at(why, "no_entry"))});
  }
  ledger.print(out);
}

void print_touched(const Json& report, std::ostream& out) {
  TextTable table({{"guard"}, {"touches"}, {"line", Align::right}, {"entry"}});
  for (const auto& rule : field_at(report, "touched")) {
    std::size_t shown = 0;
    for (const auto& entry : field_at(rule, "entries")) {
      if (shown++ == kShownTouches) break;
      table.add({text_at(rule, "rule"), text_at(entry, "guard_name"), std::to_string(count_at(entry, "line")),
                 text_at(entry, "entry_id")});
    }
    const auto count = count_at(rule, "count");
    if (count > kShownTouches) {
      table.add({text_at(rule, "rule"), with_thousands(count - kShownTouches) + " more: --json", "", ""});
    }
  }
  out << '\n';
  if (table.empty()) {
    out << "  touches no name that the guards know\n";
  } else {
    table.print(out);
  }
}

void print_parapetd(const Json& parapetd, std::ostream& out) {
  out << '\n';
  if (field_at(parapetd, "answered") != true) {
    out << "  parapetd did not judge it: " << printable(text_at(parapetd, "why_not"))
        << "\n  so growth, shrink, test entries and what people allowed are not judged\n";
  } else if (field_at(parapetd, "compared") == true) {
    out << "  against what is in force (" << with_thousands(count_at(parapetd, "in_force"))
        << " entries): " << with_thousands(count_at(parapetd, "added")) << " added, "
        << with_thousands(count_at(parapetd, "removed")) << " removed\n";
  } else {
    out << "  it shares less than half of what is in force: how they differ is not told\n";
  }
}

void print_outcome(const Json& report, std::ostream& out) {
  const auto outcome = text_at(report, "outcome");
  out << "  outcome: " << printable(outcome);
  if (field_at(field_at(report, "parapetd"), "answered") != true) out << ", as far as it was judged";
  if (const auto refusal = text_at(report, "refusal"); !refusal.empty()) out << ": " << printable(refusal);
  const char* before = ": ";
  for (const auto& finding : field_at(report, "findings")) {
    out << before << printable(text_at(finding, "rule"));
    if (const auto count = count_at(finding, "count"); count > 0) out << ' ' << with_thousands(count);
    if (const auto note = text_at(finding, "note"); !note.empty()) out << " (" << printable(note) << ')';
    before = ", ";
  }
  out << '\n';
  const auto people = count_at(field_at(report, "parapetd"), "people_needed");
  if (people > 0) out << "  released by " << people << (people == 1 ? " person\n" : " people\n");
}

}  // namespace

nlohmann::json report_of(const Simulation& simulation, const nlohmann::json& answer, const std::string& why_not) {
  const auto& said = field_at(answer, "simulate");
  Json report{{"unenforceable", simulation.unenforceable},
              {"ledger", ledger_json(simulation)},
              {"touched", touched_json(simulation, said)},
              {"parapetd", {{"answered", said.is_object()}, {"why_not", why_not}}}};
  for (std::size_t kind = 0; kind < lists::kLedgerKinds.size(); ++kind) {
    report["entries"][std::string(lists::kLedgerKinds[kind])] = simulation.ledger.entries_by_kind[kind];
  }
  if (!said.is_object()) {
    judge_here(simulation, report);
    return report;
  }
  judge_by_parapetd(said, report);
  auto& parapetd = report["parapetd"];
  parapetd["compared"] = field_at(said, "compared");
  for (const char* name : {"in_force", "added", "removed", "people_needed"}) parapetd[name] = count_at(said, name);
  return report;
}

ExitCode exit_of(const nlohmann::json& report) {
  const auto outcome = text_at(report, "outcome");
  if (outcome == "taken" || outcome == "unchanged") return ExitCode::ok;
  return outcome == "held" || outcome == "untold" ? ExitCode::finding : ExitCode::unavailable;
}

void print_report(const nlohmann::json& report, std::ostream& out) {
  print_entries(report, out);
  print_touched(report, out);
  print_parapetd(field_at(report, "parapetd"), out);
  print_outcome(report, out);
}

}  // namespace parapet::cli
