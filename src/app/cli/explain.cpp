// SPDX-License-Identifier: Apache-2.0
// `parapet explain`.
#include <iostream>
#include <memory>

#include "app/cli/commands.h"
#include "app/cli/control_socket.h"
#include "app/cli/explanation.h"

namespace parapet::cli {
namespace {

constexpr const char* kFooter =
    "Asks parapetd, never the edge. Only root and the operator group may ask, so many times a minute\n"
    "(explain_per_minute in control.toml), and each question leaves a record with the entry ids.\n"
    "Exit status:\n"
    "  0  some list holds it\n"
    "  1  no list holds it\n"
    "  2  wrong arguments, or no URL\n"
    "  3  parapetd cannot be reached, or refuses\n"
    "Examples:\n"
    "  parapet explain http://www.example.test/page?q=1\n"
    "  parapet explain www.example.test          as a name: in DNS and TLS\n";

struct ExplainArguments {
  std::string url;
  std::string socket = kControlSocket;
  bool json = false;
};

ExitCode run(const ExplainArguments& arguments) {
  auto answer = ask_control(arguments.socket, {{"ask", "explain"}, {"url", arguments.url}});
  if (!answer) {
    std::cerr << "parapet explain: " << answer.error().context << '\n';
    return answer.error().code == ErrorCode::invalid_argument ? ExitCode::usage : ExitCode::unavailable;
  }
  if (!is_answer(*answer)) {
    std::cerr << "parapet explain: parapetd's answer has no matches: another version?\n";
    return ExitCode::unavailable;
  }
  if (arguments.json) {
    std::cout << answer->dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
  } else {
    print_explanation(*answer, std::cout);
  }
  return is_listed(*answer) ? ExitCode::ok : ExitCode::finding;
}

}  // namespace

void add_explain(CLI::App& app, ExitCode& exit) {
  const auto arguments = std::make_shared<ExplainArguments>();
  CLI::App* command = app.add_subcommand("explain", "which entries hold a URL, and how is it stopped?");
  command->footer(kFooter);
  command->add_option("URL", arguments->url, "a URL or a name")->required();
  command->add_flag("--json", arguments->json, "for programs");
  command->add_option("--socket", arguments->socket, "parapetd's socket")->capture_default_str();
  command->callback([arguments, &exit] { exit = run(*arguments); });
}

}  // namespace parapet::cli
