// SPDX-License-Identifier: Apache-2.0
// `parapet reveal`.
#include <iostream>
#include <memory>

#include "app/cli/answer_fields.h"
#include "app/cli/asking.h"
#include "app/cli/commands.h"
#include "app/cli/text_table.h"
#include "lists/compile/entry_id.h"

namespace parapet::cli {
namespace {

constexpr const char* kFooter =
    "Tells what an entry id stands for, from the sealed archive. Two people must ask for it, each with a key, within "
    "the\n"
    "--hours of the first; the second is told, once. Both are recorded in the audit log, the name is not.\n"
    "Exit status:\n"
    "  0  told, or counted: another person must ask\n"
    "  1  your key cannot be read\n"
    "  2  wrong arguments\n"
    "  3  parapetd cannot be reached, or does not tell\n"
    "Examples:\n"
    "  parapet reveal hotline 203473680f7dca5e --key ~/.config/parapet/anna.key\n"
    "  parapet reveal hotline 203473680f7dca5e --key ~/.config/parapet/boris.key\n";

struct RevealArguments {
  Asking asking{.command = "parapet reveal", .patience = kQuestionPatience, .socket = {}, .json = false};
  Signing signing;
  std::string source;
  std::string entry;
};

ExitCode run(const RevealArguments& arguments) {
  const auto id = lists::parse_entry_id(arguments.entry);
  if (!id) {
    std::cerr << "parapet reveal: ENTRY: expected 16 hexadecimal digits\n";
    return ExitCode::usage;
  }
  approval::Statement statement{
      .act = approval::Act::reveal, .subject = approval::subject_of_entry(*id), .about = arguments.source};
  const auto signed_statement = sign_statement(std::move(statement), arguments.signing);
  if (!signed_statement) {
    std::cerr << "parapet reveal: " << signed_statement.error().context << '\n';
    return ExitCode::finding;
  }
  ExitCode exit = ExitCode::ok;
  const auto answer = ask_or_tell(
      arguments.asking,
      {{"ask", "reveal"}, {"source", arguments.source}, {"entry", arguments.entry}, {"statement", *signed_statement}},
      exit);
  if (answer.is_null() || print_json(arguments.asking, answer)) return exit;
  const auto& told = field_at(answer, "reveal");
  const auto text = text_at(told, "text");
  if (text.empty()) {
    std::cout << "counted: another person must ask\n";
  } else {
    std::cout << printable(text) << "\n  version " << count_at(told, "version") << ", line " << count_at(told, "line")
              << '\n';
  }
  return ExitCode::ok;
}

}  // namespace

void add_reveal(Command& app, ExitCode& exit) {
  const auto arguments = std::make_shared<RevealArguments>();
  Command command = app.add_command("reveal", "what an entry id stands for; two people must ask");
  command.set_footer(kFooter);
  command.add_option("SOURCE", arguments->source, "whose list has it").required();
  command.add_option("ENTRY", arguments->entry, "its id, of `parapet explain` or `parapet appeal`").required();
  add_signing(command, arguments->signing);
  add_asking(command, arguments->asking);
  command.call([arguments, &exit] { exit = run(*arguments); });
}

}  // namespace parapet::cli
