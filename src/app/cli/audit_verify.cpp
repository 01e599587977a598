// SPDX-License-Identifier: Apache-2.0
// `parapet audit verify`.
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "evidence/audit_log.h"

namespace parapet::cli {
namespace {

constexpr const char* kFooter =
    "Reads the whole log and its head beside it (FILE.head): each line must seal the one before, and the log must end "
    "where its\n"
    "head says. What somebody who may write both files made anew does not show here.\n"
    "Exit status:\n"
    "  0  whole\n"
    "  1  changed, cut off, or cannot be read\n"
    "  2  wrong arguments\n"
    "Examples:\n"
    "  parapet audit verify /var/lib/parapet/audit.jsonl\n"
    "  parapet audit verify --json /srv/evidence/audit.jsonl\n";

struct VerifyArguments {
  std::string file;
  bool json = false;
};

ExitCode run(const VerifyArguments& arguments) {
  const auto records = evidence::check_audit_log(arguments.file);
  if (arguments.json) {
    nlohmann::ordered_json answer{{"file", arguments.file}, {"whole", records.has_value()}};
    if (records) {
      answer["records"] = *records;
    } else {
      answer["code"] = name_of(records.error().code);
      answer["context"] = records.error().context;
    }
    std::cout << answer.dump() << '\n';
  } else if (records) {
    std::cout << "whole: " << *records << " records in " << arguments.file << '\n';
  } else {
    std::cerr << arguments.file << ": " << records.error().context << '\n';
  }
  return records ? ExitCode::ok : ExitCode::finding;
}

}  // namespace

void add_audit(Command& app, ExitCode& exit) {
  const auto arguments = std::make_shared<VerifyArguments>();
  Command audit = app.add_command("audit", "the audit log");
  audit.require_command();
  Command command = audit.add_command("verify", "is this audit log whole?");
  command.set_footer(kFooter);
  command.add_option("FILE", arguments->file, "audit.jsonl of parapetd's state_directory, or a copy with its head")
      .required();
  command.add_flag("--json", arguments->json, "one object instead of a sentence");
  command.call([arguments, &exit] { exit = run(*arguments); });
}

}  // namespace parapet::cli
