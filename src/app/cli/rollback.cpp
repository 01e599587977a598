// SPDX-License-Identifier: Apache-2.0
// `parapet rollback` and `parapet switch`: what one person does at once when a list does harm.
#include <iostream>
#include <memory>

#include "app/cli/answer_fields.h"
#include "app/cli/asking.h"
#include "app/cli/commands.h"
#include "app/cli/text_table.h"

namespace parapet::cli {
namespace {

constexpr const char* kRollbackFooter =
    "Goes back to the lists of one of the last ten generations. What stood in their place does not come back; a newer\n"
    "version of the source is taken as always. --reason must not name a site: letters, digits, blanks, - and #.\n"
    "Exit status:\n"
    "  0  done, published\n"
    "  2  wrong arguments\n"
    "  3  parapetd cannot be reached, or does not do it\n"
    "Examples:\n"
    "  parapet rollback --list\n"
    "  parapet rollback 41 --reason 'false blocks since noon'\n";

constexpr const char* kSwitchFooter =
    "Turns one source off or to shadow at once, over restarts and list updates, or back to what control.toml says\n"
    "(enforce). A switch never makes more of a source than control.toml.\n"
    "Exit status:\n"
    "  0  done, published\n"
    "  2  wrong arguments\n"
    "  3  parapetd cannot be reached, or does not do it\n"
    "Examples:\n"
    "  parapet switch hotline off --reason 'its lists stop top sites'\n"
    "  parapet switch hotline enforce --reason repaired\n";

struct RollbackArguments {
  Asking asking{.command = "parapet rollback", .patience = kDecisionPatience, .socket = {}, .json = false};
  std::uint64_t generation = 0;
  std::string reason;
  bool list = false;
};

struct SwitchArguments {
  Asking asking{.command = "parapet switch", .patience = kDecisionPatience, .socket = {}, .json = false};
  std::string source;
  std::string state;
  std::string reason;
};

ExitCode run_list(const RollbackArguments& arguments) {
  ExitCode exit = ExitCode::ok;
  const auto answer = ask_or_tell(arguments.asking, {{"ask", "status"}}, exit);
  if (answer.is_null()) return exit;
  const auto& generations = field_at(field_at(answer, "status"), "generations");
  if (print_json(arguments.asking, {{"generations", generations}})) return ExitCode::ok;
  TextTable table({{"generation", Align::right},
                   {"published"},
                   {"list"},
                   {"state"},
                   {"version", Align::right},
                   {"entries", Align::right}});
  for (const auto& kept : generations) {
    for (const auto& list : field_at(kept, "lists")) {
      table.add({std::to_string(count_at(kept, "generation")), time_text(time_at(kept, "time")), text_at(list, "name"),
                 text_at(list, "state"), std::to_string(count_at(list, "sequence")),
                 with_thousands(count_at(list, "entries"))});
    }
  }
  table.print(std::cout, "");
  return ExitCode::ok;
}

ExitCode run_rollback(const RollbackArguments& arguments) {
  if (arguments.list) return run_list(arguments);
  if (arguments.generation == 0 || arguments.reason.empty()) {
    std::cerr << "parapet rollback: expected GENERATION and --reason, or --list\n";
    return ExitCode::usage;
  }
  ExitCode exit = ExitCode::ok;
  const auto answer =
      ask_or_tell(arguments.asking,
                  {{"ask", "rollback"}, {"generation", arguments.generation}, {"reason", arguments.reason}}, exit);
  if (answer.is_null() || print_json(arguments.asking, answer)) return exit;
  std::cout << "gone back to the lists of generation " << arguments.generation << ": published as generation "
            << count_at(field_at(answer, "rollback"), "generation") << '\n';
  return ExitCode::ok;
}

ExitCode run_switch(const SwitchArguments& arguments) {
  ExitCode exit = ExitCode::ok;
  const auto answer = ask_or_tell(
      arguments.asking,
      {{"ask", "switch"}, {"source", arguments.source}, {"state", arguments.state}, {"reason", arguments.reason}},
      exit);
  if (answer.is_null() || print_json(arguments.asking, answer)) return exit;
  std::cout << arguments.source << ": " << arguments.state << ", published\n";
  return ExitCode::ok;
}

}  // namespace

void add_rollback(Command& app, ExitCode& exit) {
  const auto arguments = std::make_shared<RollbackArguments>();
  Command command = app.add_command("rollback", "go back to the lists of an earlier generation");
  command.set_footer(kRollbackFooter);
  command.add_option("GENERATION", arguments->generation, "one of --list");
  command.add_option("--reason", arguments->reason, "why; no name of a site can stand in it");
  command.add_flag("--list", arguments->list, "the generations there are");
  add_asking(command, arguments->asking);
  command.call([arguments, &exit] { exit = run_rollback(*arguments); });
}

void add_switch(Command& app, ExitCode& exit) {
  const auto arguments = std::make_shared<SwitchArguments>();
  Command command = app.add_command("switch", "turn one source off, to shadow, or back");
  command.set_footer(kSwitchFooter);
  command.add_option("SOURCE", arguments->source, "its name in control.toml").required();
  command.add_option("STATE", arguments->state, "off, shadow, or enforce: as control.toml says")
      .required()
      .one_of({"off", "shadow", "enforce"});
  command.add_option("--reason", arguments->reason, "why; no name of a site can stand in it").required();
  add_asking(command, arguments->asking);
  command.call([arguments, &exit] { exit = run_switch(*arguments); });
}

}  // namespace parapet::cli
