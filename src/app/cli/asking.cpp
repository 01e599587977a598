// SPDX-License-Identifier: Apache-2.0
// Asking and signing.
#include "app/cli/asking.h"

#include <iostream>

#include "base/clock.h"
#include "base/secret.h"

namespace parapet::cli {

void add_asking(Command& app, Asking& asking) {
  asking.socket = kControlSocket;
  app.add_option("--socket", asking.socket, "parapetd's socket").show_default();
  app.add_flag("--json", asking.json, "for programs");
}

nlohmann::json ask_or_tell(const Asking& asking, const nlohmann::json& question, ExitCode& exit) {
  auto answer = ask_control(asking.socket, question, asking.patience);
  if (answer) return std::move(*answer);
  std::cerr << asking.command << ": " << answer.error().context << '\n';
  exit = answer.error().code == ErrorCode::invalid_argument ? ExitCode::usage : ExitCode::unavailable;
  return {};
}

bool print_json(const Asking& asking, const nlohmann::json& answer) {
  if (asking.json) std::cout << answer.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
  return asking.json;
}

command_line::Option add_signing(Command& app, Signing& signing) {
  const auto key = app.add_option("--key", signing.key_file, "your key file, made by `parapet key new`").required();
  app.add_option("--hours", signing.hours, "how long what you say holds").between(1, 168).show_default();
  return key;
}

Result<nlohmann::json> sign_statement(approval::Statement statement, const Signing& signing) {
  auto key = approval::read_key_file(signing.key_file);
  if (!key) return std::unexpected(key.error());
  statement.by = key->name;
  statement.expires_realtime_s = SystemClock().realtime_ns() / kNanosecondsPerSecond + signing.hours * 3600;
  const auto signature = approval::sign(statement, key->seed);
  wipe(key->seed);
  return nlohmann::json{{"act", approval::name_of(statement.act)},
                        {"subject", approval::format_subject(statement.subject)},
                        {"about", statement.about},
                        {"decision", approval::name_of(statement.decision)},
                        {"by", statement.by},
                        {"expires", statement.expires_realtime_s},
                        {"signature", signature}};
}

}  // namespace parapet::cli
