// SPDX-License-Identifier: Apache-2.0
// `parapet explain`.
#include <charconv>
#include <ctime>
#include <iostream>
#include <memory>
#include <optional>

#include "app/cli/asking.h"
#include "app/cli/commands.h"
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
    "  parapet explain www.example.test          as a name: in DNS and TLS\n"
    "  parapet explain www.example.test --at 2026-11-28T03:00:00Z\n";

struct ExplainArguments {
  Asking asking{.command = "parapet explain", .patience = kQuestionPatience, .socket = {}, .json = false};
  std::string url;
  std::string at;
};

// "2026-11-28T03:00:00Z" or seconds since 1970.
std::optional<std::uint64_t> parse_time(const std::string& text) {
  std::tm parts{};
  const char* end = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  if (end != nullptr && *end == '\0') return static_cast<std::uint64_t>(::timegm(&parts));
  std::uint64_t seconds = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error == std::errc{} && rest == text.data() + text.size()) return seconds;
  return std::nullopt;
}

ExitCode run(const ExplainArguments& arguments) {
  nlohmann::json question{{"ask", "explain"}, {"url", arguments.url}};
  if (!arguments.at.empty()) {
    const auto at = parse_time(arguments.at);
    if (!at) {
      std::cerr << "parapet explain: --at: expected YYYY-MM-DDTHH:MM:SSZ or seconds since 1970\n";
      return ExitCode::usage;
    }
    question["at"] = *at;
  }
  ExitCode exit = ExitCode::ok;
  const auto answer = ask_or_tell(arguments.asking, question, exit);
  if (answer.is_null()) return exit;
  if (!is_answer(answer)) {
    std::cerr << "parapet explain: parapetd's answer has no matches: another version?\n";
    return ExitCode::unavailable;
  }
  if (!print_json(arguments.asking, answer)) {
    print_explanation(answer, std::cout);
    print_legal(answer, std::cout);
  }
  return is_listed(answer) ? ExitCode::ok : ExitCode::finding;
}

}  // namespace

void add_explain(Command& app, ExitCode& exit) {
  const auto arguments = std::make_shared<ExplainArguments>();
  Command command = app.add_command("explain", "which entries hold a URL, and how is it stopped?");
  command.set_footer(kFooter);
  command.add_option("URL", arguments->url, "a URL or a name").required();
  command.add_option("--at", arguments->at, "what was in force then: YYYY-MM-DDTHH:MM:SSZ, UTC");
  add_asking(command, arguments->asking);
  command.call([arguments, &exit] { exit = run(*arguments); });
}

}  // namespace parapet::cli
