// SPDX-License-Identifier: Apache-2.0
// `parapet held` and `parapet approve`: what waits for people, and what they say.
#include <iostream>
#include <memory>

#include "app/cli/answer_fields.h"
#include "app/cli/asking.h"
#include "app/cli/commands.h"
#include "app/cli/text_table.h"

namespace parapet::cli {
namespace {

constexpr const char* kHeldFooter =
    "A guard holds a version of a list that is too different from the one in force, or that would stop a name which "
    "no\n"
    "list may stop. The version in force stays. Two people release it with `parapet approve`, or one ends it.\n"
    "Exit status:\n"
    "  0  nothing waits\n"
    "  1  something waits\n"
    "  3  parapetd cannot be reached\n"
    "Examples:\n"
    "  parapet held\n"
    "  parapet held --json | jq '.held[].findings[].entry_ids'\n";

constexpr const char* kApproveFooter =
    "Signs, with your key, that the version which waits may be enforced, or by --refuse that it may not; one refusal "
    "ends\n"
    "it. Two different people must approve; one is enough where the source takes entries back.\n"
    "Exit status:\n"
    "  0  said, and counted\n"
    "  1  nothing waits there, or your key cannot be read\n"
    "  2  wrong arguments\n"
    "  3  parapetd cannot be reached, or does not take it\n"
    "Examples:\n"
    "  parapet approve hotline --key ~/.config/parapet/anna.key\n"
    "  parapet approve hotline --key ~/.config/parapet/boris.key --refuse\n";

struct ApproveArguments {
  Asking asking{.command = "parapet approve", .patience = kDecisionPatience, .socket = {}, .json = false};
  Signing signing;
  std::string source;
  bool refuse = false;
};

nlohmann::json held_of(const nlohmann::json& answer) {
  auto held = nlohmann::json::array();
  for (const auto& source : field_at(field_at(answer, "status"), "sources")) {
    auto one = field_at(source, "held");
    if (!one.is_object()) continue;
    one["source"] = text_at(source, "name");
    one["entries_in_force"] = 0;
    for (const auto& count : field_at(source, "entries")) {
      if (count.is_number_unsigned())
        one["entries_in_force"] = one["entries_in_force"].get<std::uint64_t>() + count.get<std::uint64_t>();
    }
    held.push_back(std::move(one));
  }
  return held;
}

std::string first_ids(const nlohmann::json& finding) {
  constexpr std::size_t kShown = 3;
  std::string text;
  std::size_t shown = 0;
  const auto& ids = field_at(finding, "entry_ids");
  for (const auto& id : ids) {
    if (shown++ == kShown) break;
    if (id.is_string()) text += (text.empty() ? "" : " ") + id.get<std::string>();
  }
  if (ids.is_array() && ids.size() > kShown) text += " ...";
  return text.empty() ? text_at(finding, "note") : text;
}

void print_held(const nlohmann::json& held) {
  for (const auto& one : held) {
    std::string people;
    for (const auto& person : field_at(one, "approved_by")) {
      if (person.is_string()) people += (people.empty() ? "" : ", ") + person.get<std::string>();
    }
    std::cout << printable(text_at(one, "source")) << ": " << with_thousands(count_at(one, "entries"))
              << " entries, in force " << with_thousands(count_at(one, "entries_in_force")) << "; since "
              << time_text(time_at(one, "since")) << "\n  approved by "
              << (people.empty() ? "nobody" : printable(people)) << "; " << count_at(one, "people_needed")
              << " needed\n";
    if (field_at(one, "withdrawal") == true) {
      std::cout << "  the source takes entries back: without an answer it is taken after "
                << count_at(one, "wait_s") / 60 << " min, of which " << count_at(one, "waited_s") / 60
                << " have passed\n";
    }
    TextTable table({{"guard"}, {"entries", Align::right}, {"which"}});
    for (const auto& finding : field_at(one, "findings")) {
      table.add({text_at(finding, "rule"), with_thousands(count_at(finding, "count")), first_ids(finding)});
    }
    table.print(std::cout);
  }
  if (held.empty()) std::cout << "nothing waits\n";
}

ExitCode run_held(const Asking& asking) {
  ExitCode exit = ExitCode::ok;
  const auto answer = ask_or_tell(asking, {{"ask", "status"}}, exit);
  if (answer.is_null()) return exit;
  const auto held = held_of(answer);
  if (!print_json(asking, {{"held", held}})) print_held(held);
  return held.empty() ? ExitCode::ok : ExitCode::finding;
}

ExitCode run_approve(const ApproveArguments& arguments) {
  ExitCode exit = ExitCode::ok;
  const auto answer = ask_or_tell(arguments.asking, {{"ask", "status"}}, exit);
  if (answer.is_null()) return exit;
  approval::Statement statement{.about = arguments.source};
  for (const auto& one : held_of(answer)) {
    if (text_at(one, "source") != arguments.source) continue;
    if (const auto subject = approval::parse_subject(text_at(one, "subject"))) statement.subject = *subject;
  }
  if (statement.subject == approval::Subject{}) {
    std::cerr << "parapet approve: no version of " << arguments.source << " waits (parapet held)\n";
    return ExitCode::finding;
  }
  if (arguments.refuse) statement.decision = approval::Decision::refuse;
  const auto signed_statement = sign_statement(std::move(statement), arguments.signing);
  if (!signed_statement) {
    std::cerr << "parapet approve: " << signed_statement.error().context << '\n';
    return ExitCode::finding;
  }
  const auto said = ask_or_tell(arguments.asking, {{"ask", "decide"}, {"statement", *signed_statement}}, exit);
  if (said.is_null() || print_json(arguments.asking, said)) return exit;
  const auto outcome = text_at(field_at(said, "decide"), "outcome");
  std::cout << (outcome == "approved"  ? "released: it is in force\n"
                : outcome == "refused" ? "refused: the version in force stays\n"
                                       : "counted: another person must approve\n");
  return ExitCode::ok;
}

}  // namespace

void add_held(Command& app, ExitCode& exit) {
  const auto asking = std::make_shared<Asking>(
      Asking{.command = "parapet held", .patience = kQuestionPatience, .socket = {}, .json = false});
  Command command = app.add_command("held", "which lists wait for people, and why?");
  command.set_footer(kHeldFooter);
  add_asking(command, *asking);
  command.call([asking, &exit] { exit = run_held(*asking); });
}

void add_approve(Command& app, ExitCode& exit) {
  const auto arguments = std::make_shared<ApproveArguments>();
  Command command = app.add_command("approve", "release a list that waits, or refuse it");
  command.set_footer(kApproveFooter);
  command.add_option("SOURCE", arguments->source, "whose list waits").required();
  command.add_flag("--refuse", arguments->refuse, "it must not be enforced");
  add_signing(command, arguments->signing);
  add_asking(command, arguments->asking);
  command.call([arguments, &exit] { exit = run_approve(*arguments); });
}

}  // namespace parapet::cli
