// SPDX-License-Identifier: Apache-2.0
// What the commands that ask parapetd for something have in common: the socket, the person's key, how they end.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "app/cli/control_socket.h"
#include "app/cli/exit_code.h"
#include "approval/key_file.h"
#include "approval/statement.h"
#include "base/result.h"
#include "command_line/command.h"

namespace parapet::cli {

using command_line::Command;

struct Asking {
  std::string command;  // "parapet approve"
  std::chrono::seconds patience = kQuestionPatience;
  std::string socket;
  bool json = false;
};
void add_asking(Command& app, Asking& asking);  // --socket, --json

// Asks; on an error tells it on standard error and sets `exit`.  out: the answer, or null
nlohmann::json ask_or_tell(const Asking& asking, const nlohmann::json& question, ExitCode& exit);

// Prints the answer as JSON where --json was given; false: the caller prints for eyes.
bool print_json(const Asking& asking, const nlohmann::json& answer);

// How a person signs.
struct Signing {
  std::string key_file;
  std::uint64_t hours = 24;  // that the statement holds
};
// Adds --key and --hours.  out: --key, which is required
command_line::Option add_signing(Command& app, Signing& signing);

// Signs as the owner of the key, until `hours` from now.
//   errors  those of read_key_file
Result<nlohmann::json> sign_statement(approval::Statement statement, const Signing& signing);

}  // namespace parapet::cli
