// SPDX-License-Identifier: Apache-2.0
// What the commands that ask parapetd for something have in common: the socket, the person's key, how they end.
#pragma once

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "app/cli/exit_code.h"
#include "approval/key_file.h"
#include "approval/statement.h"
#include "base/result.h"

namespace parapet::cli {

struct Asking {
  std::string command;  // "parapet approve"
  std::string socket;
  bool json = false;
};
void add_asking(CLI::App& app, Asking& asking);  // --socket, --json

// Asks; on an error tells it on standard error and sets `exit`.  out: the answer, or null
nlohmann::json ask_or_tell(const Asking& asking, const nlohmann::json& question, ExitCode& exit);

// Prints the answer as JSON where --json was given; false: the caller prints for eyes.
bool print_json(const Asking& asking, const nlohmann::json& answer);

// How a person signs.
struct Signing {
  std::string key_file;
  std::uint32_t hours = 24;  // that the statement holds
};
void add_signing(CLI::App& app, Signing& signing);  // --key, --hours

// Signs as the owner of the key, until `hours` from now.
//   errors  those of read_key_file
Result<nlohmann::json> sign_statement(approval::Statement statement, const Signing& signing);

}  // namespace parapet::cli
