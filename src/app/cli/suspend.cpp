// SPDX-License-Identifier: Apache-2.0
// `parapet suspend`.
#include <iostream>
#include <memory>

#include "app/cli/answer_fields.h"
#include "app/cli/asking.h"
#include "app/cli/commands.h"
#include "app/cli/text_table.h"

namespace parapet::cli {
namespace {

constexpr const char* kFooter =
    "For a false block: one person lifts an entry, or all that stops a host, on all workers at once, whatever the "
    "lists\n"
    "say. It ends by itself after 24 hours unless another person confirms it; then it stands until somebody ends it.\n"
    "At most five stand at a time; each is audited. --reason must not name the site: letters, digits, blanks, - and "
    "#.\n"
    "Exit status:\n"
    "  0  done\n"
    "  1  your key cannot be read, or there is no such suspension\n"
    "  2  wrong arguments\n"
    "  3  parapetd cannot be reached, or does not take it\n"
    "Examples:\n"
    "  parapet suspend --list\n"
    "  parapet suspend 203473680f7dca5e --reason 'appeal 17' --key ~/.config/parapet/anna.key\n"
    "  parapet suspend www.example.test --reason 'ticket 4711' --key ~/.config/parapet/anna.key\n"
    "  parapet suspend --confirm 3 --key ~/.config/parapet/boris.key\n"
    "  parapet suspend --end 3 --key ~/.config/parapet/boris.key\n";

struct SuspendArguments {
  Asking asking{.command = "parapet suspend", .patience = kDecisionPatience, .socket = {}, .json = false};
  Signing signing;
  std::string target;
  std::string reason;
  std::uint64_t confirmed = 0;
  std::uint64_t ended = 0;
  bool list = false;
};

ExitCode tell(const std::string& text, ExitCode exit) {
  std::cerr << "parapet suspend: " << text << '\n';
  return exit;
}

ExitCode run_list(const SuspendArguments& arguments) {
  ExitCode exit = ExitCode::ok;
  const auto answer = ask_or_tell(arguments.asking, {{"ask", "status"}}, exit);
  if (answer.is_null()) return exit;
  const auto& suspensions = field_at(field_at(answer, "status"), "suspensions");
  if (print_json(arguments.asking, {{"suspensions", suspensions}})) return ExitCode::ok;
  TextTable table(
      {{"number", Align::right}, {"entries", Align::right}, {"by"}, {"confirmed by"}, {"until"}, {"reason"}});
  for (const auto& one : suspensions) {
    const auto until = time_at(one, "until");
    table.add({std::to_string(count_at(one, "number")), with_thousands(count_at(one, "entries")),
               text_at(one, "approver"), text_at(one, "confirmed_by"),
               until == 0 ? "somebody ends it" : time_text(until), text_at(one, "reason")});
  }
  if (table.empty()) {
    std::cout << "no suspension stands\n";
  } else {
    table.print(std::cout, "");
  }
  return ExitCode::ok;
}

// What the statement must be about: parapetd knows, for names are keyed.
Result<approval::Subject> subject_of_target(const SuspendArguments& arguments, ExitCode& exit) {
  const auto answer =
      ask_or_tell(arguments.asking, {{"ask", "suspension_subject"}, {"target", arguments.target}}, exit);
  return approval::parse_subject(text_at(field_at(answer, "suspension_subject"), "subject"));
}

Result<approval::Subject> subject_of_number(const SuspendArguments& arguments, std::uint64_t number, ExitCode& exit) {
  const auto answer = ask_or_tell(arguments.asking, {{"ask", "status"}}, exit);
  if (answer.is_null()) return fail(ErrorCode::unavailable, "");
  for (const auto& one : field_at(field_at(answer, "status"), "suspensions")) {
    if (count_at(one, "number") == number) return approval::parse_subject(text_at(one, "subject"));
  }
  exit = tell("there is no suspension " + std::to_string(number) + " (parapet suspend --list)", ExitCode::finding);
  return fail(ErrorCode::not_found, "");
}

void print_done(const SuspendArguments& arguments, const nlohmann::json& done) {
  const auto entries =
      with_thousands(count_at(done, "entries")) + (count_at(done, "entries") == 1 ? " entry" : " entries");
  if (arguments.ended != 0) {
    std::cout << "ended: " << entries << " enforced again\n";
  } else if (arguments.confirmed != 0) {
    std::cout << "confirmed: " << entries << " lifted until somebody ends it\n";
  } else {
    std::cout << "suspension " << count_at(done, "number") << ": " << entries << " lifted until "
              << time_text(time_at(done, "until")) << "; another person can confirm it\n";
  }
}

ExitCode run(const SuspendArguments& arguments) {
  if (arguments.list) return run_list(arguments);
  const std::uint64_t number = arguments.confirmed != 0 ? arguments.confirmed : arguments.ended;
  if (arguments.target.empty() == (number == 0))
    return tell("expected one of TARGET, --confirm, --end, --list", ExitCode::usage);
  if (!arguments.target.empty() && arguments.reason.empty()) return tell("--reason is missing", ExitCode::usage);
  if (arguments.signing.key_file.empty()) return tell("--key is missing", ExitCode::usage);
  ExitCode exit = ExitCode::ok;
  const auto subject = number == 0 ? subject_of_target(arguments, exit) : subject_of_number(arguments, number, exit);
  if (!subject) return exit;
  approval::Statement statement{.act = approval::Act::suspend, .subject = *subject, .about = "suspension"};
  if (arguments.ended != 0) statement.decision = approval::Decision::refuse;
  const auto signed_statement = sign_statement(std::move(statement), arguments.signing);
  if (!signed_statement) return tell(signed_statement.error().context, ExitCode::finding);
  nlohmann::json question{{"ask", "suspend"}, {"statement", *signed_statement}};
  if (number != 0) {
    question["number"] = number;
  } else {
    question["target"] = arguments.target;
    question["reason"] = arguments.reason;
  }
  const auto answer = ask_or_tell(arguments.asking, question, exit);
  if (answer.is_null() || print_json(arguments.asking, answer)) return exit;
  print_done(arguments, field_at(answer, "suspend"));
  return ExitCode::ok;
}

}  // namespace

void add_suspend(Command& app, ExitCode& exit) {
  const auto arguments = std::make_shared<SuspendArguments>();
  Command command = app.add_command("suspend", "lift what is stopped falsely, for a day");
  command.set_footer(kFooter);
  command.add_option("TARGET", arguments->target, "an entry id (parapet explain), or a host name");
  command.add_option("--reason", arguments->reason, "why; no name of a site can stand in it");
  command.add_option("--confirm", arguments->confirmed, "confirm this number, which another person began");
  command.add_option("--end", arguments->ended, "end this number");
  command.add_flag("--list", arguments->list, "those that stand");
  add_signing(command, arguments->signing).required(false);
  add_asking(command, arguments->asking);
  command.call([arguments, &exit] { exit = run(*arguments); });
}

}  // namespace parapet::cli
