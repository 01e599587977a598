// SPDX-License-Identifier: Apache-2.0
// `parapet appeal`.
#include <iostream>
#include <memory>

#include "app/cli/asking.h"
#include "app/cli/commands.h"
#include "app/cli/explanation.h"

namespace parapet::cli {
namespace {

constexpr const char* kFooter =
    "What a person was told who was stopped, or what `parapet explain` tells of an entry, leads to the list, its "
    "legal\n"
    "basis and whom to ask, without anybody naming the site. The next step is often\n"
    "  parapet suspend ENTRY --reason 'appeal ...' --key YOUR-KEY\n"
    "Exit status:\n"
    "  0  some list holds it\n"
    "  1  no list holds it any more\n"
    "  2  wrong arguments, or no such code\n"
    "  3  parapetd cannot be reached, or refuses\n"
    "Examples:\n"
    "  parapet appeal 5bbe676275046227\n";

struct AppealArguments {
  Asking asking{.command = "parapet appeal", .patience = kQuestionPatience, .socket = {}, .json = false};
  std::string code;
};

ExitCode run(const AppealArguments& arguments) {
  ExitCode exit = ExitCode::ok;
  const auto answer = ask_or_tell(arguments.asking, {{"ask", "explain"}, {"code", arguments.code}}, exit);
  if (answer.is_null()) return exit;
  if (!print_json(arguments.asking, answer)) {
    print_explanation(answer, std::cout);
    print_legal(answer, std::cout);
  }
  return is_listed(answer) ? ExitCode::ok : ExitCode::finding;
}

}  // namespace

void add_appeal(Command& app, ExitCode& exit) {
  const auto arguments = std::make_shared<AppealArguments>();
  Command command = app.add_command("appeal", "which entry is behind an appeal code, and who answers for it?");
  command.set_footer(kFooter);
  command.add_option("CODE", arguments->code, "16 hexadecimal digits").required();
  add_asking(command, arguments->asking);
  command.call([arguments, &exit] { exit = run(*arguments); });
}

}  // namespace parapet::cli
