// SPDX-License-Identifier: Apache-2.0
// `parapet lists`: what is in force, and how each protocol enforces it.
#include <iostream>
#include <memory>

#include "app/cli/answer_fields.h"
#include "app/cli/asking.h"
#include "app/cli/commands.h"
#include "app/cli/shadow_counts.h"
#include "app/cli/text_table.h"
#include "counters/names.h"

namespace parapet::cli {
namespace {

constexpr const char* kFooter =
    "For each list its state, its entries by kind, and for each protocol how many of them are enforced as they were\n"
    "written (exact), as something wider (widened: only where the list allows it), or not at all (unenforceable: TLS,\n"
    "QUIC and DNS show a name, never a URL). For each list in shadow how many requests it would have stopped since it "
    "is\n"
    "in shadow, and since the version in force is.\n"
    "Exit status:\n"
    "  0  told\n"
    "  3  parapetd cannot be reached\n"
    "Examples:\n"
    "  parapet lists\n"
    "  parapet lists --json | jq '.lists[] | {name, state, ledger}'\n";

std::string state_text(const nlohmann::json& source) {
  const auto state = text_at(source, "state"), configured = text_at(source, "configured_state");
  return configured.empty() || configured == state ? state : state + " (control.toml: " + configured + ")";
}

void print_lists(const nlohmann::json& sources) {
  TextTable table({{"list"},
                   {"state"},
                   {"version", Align::right},
                   {"host", Align::right},
                   {"domain", Align::right},
                   {"url", Align::right},
                   {"prefix", Align::right},
                   {"lifted", Align::right},
                   {"ended", Align::right},
                   {"waits"}});
  TextTable ledger(
      {{"list"}, {"protocol"}, {"exact", Align::right}, {"widened", Align::right}, {"unenforceable", Align::right}});
  for (const auto& source : sources) {
    std::vector<std::string> cells{text_at(source, "name"), state_text(source),
                                   std::to_string(count_at(source, "sequence"))};
    for (const char* kind : {"host", "domain", "url", "prefix"}) {
      cells.push_back(with_thousands(count_at(field_at(source, "entries"), kind)));
    }
    cells.push_back(with_thousands(count_at(source, "lifted")));
    cells.push_back(with_thousands(count_at(source, "ended")));
    cells.push_back(field_at(source, "held").is_object() ? "yes: parapet held" : "-");
    table.add(std::move(cells));
    for (const auto protocol : kProtocolNames) {
      const auto& counts = field_at(field_at(source, "ledger"), protocol);
      ledger.add({text_at(source, "name"), std::string(protocol), with_thousands(count_at(counts, "exact")),
                  with_thousands(count_at(counts, "widened")), with_thousands(count_at(counts, "unenforceable"))});
    }
  }
  table.print(std::cout, "");
  std::cout << '\n';
  ledger.print(std::cout, "");
  print_shadow_counts(sources, std::cout);
}

ExitCode run(const Asking& asking) {
  ExitCode exit = ExitCode::ok;
  const auto answer = ask_or_tell(asking, {{"ask", "status"}}, exit);
  if (answer.is_null()) return exit;
  const auto& sources = field_at(field_at(answer, "status"), "sources");
  if (!print_json(asking, {{"lists", sources}})) print_lists(sources);
  return ExitCode::ok;
}

}  // namespace

void add_lists(Command& app, ExitCode& exit) {
  const auto asking = std::make_shared<Asking>(
      Asking{.command = "parapet lists", .patience = kQuestionPatience, .socket = {}, .json = false});
  Command command = app.add_command("lists", "what is in force, and how is it enforced?");
  command.set_footer(kFooter);
  add_asking(command, *asking);
  command.call([asking, &exit] { exit = run(*asking); });
}

}  // namespace parapet::cli
