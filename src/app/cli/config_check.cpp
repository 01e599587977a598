// SPDX-License-Identifier: Apache-2.0
// `parapet config check`.
#include <iostream>
#include <memory>

#include "app/cli/commands.h"
#include "base/file.h"
#include "config/control_options.h"
#include "config/edge_options.h"
#include "config/toml_table.h"

namespace parapet::cli {
namespace {

constexpr const char* kFooter =
    "Names every error: FILE:LINE:COLUMN: KEY: what was expected, what was found. Unknown keys are errors.\n"
    "Exit status:\n"
    "  0  the file is right\n"
    "  1  it is not, or cannot be read\n"
    "  2  wrong arguments\n"
    "Examples:\n"
    "  parapet config check /etc/parapet/edge.toml\n"
    "  parapet config check --kind control draft.toml\n";

struct CheckArguments {
  std::string file;
  std::string kind;
};

// By the tables it has; empty where it has none of them.
Result<std::string> kind_of(std::string_view text, const std::string& file) {
  auto document = config::TomlDocument::parse(text, file);
  if (!document) return std::unexpected(document.error());
  auto root = document->root();
  if (root.has("control") || root.has("source")) return "control";
  if (root.has("edge") || root.has("pair") || root.has("workers")) return "edge";
  return fail(ErrorCode::invalid_config,
              file + ":1:1: has neither an [edge] nor a [control] table; say --kind edge or --kind control");
}

Result<std::string> check(const CheckArguments& arguments) {
  auto bytes = read_file(arguments.file, config::kMaxConfigFile);
  if (!bytes) return std::unexpected(bytes.error());
  const auto text = text_of(*bytes);
  auto kind = arguments.kind.empty() ? kind_of(text, arguments.file) : Result<std::string>(arguments.kind);
  if (!kind) return kind;
  if (*kind == "edge") {
    if (auto options = config::parse_edge_options(text, arguments.file); !options)
      return std::unexpected(options.error());
  } else if (auto options = config::parse_control_options(text, arguments.file); !options) {
    return std::unexpected(options.error());
  }
  return kind;
}

ExitCode run(const CheckArguments& arguments) {
  const auto kind = check(arguments);
  if (!kind) {
    std::cerr << kind.error().context << '\n';
    return ExitCode::finding;
  }
  std::cout << "ok: " << arguments.file << " (" << *kind << ")\n";
  return ExitCode::ok;
}

}  // namespace

void add_config(Command& app, ExitCode& exit) {
  const auto arguments = std::make_shared<CheckArguments>();
  Command config = app.add_command("config", "configuration files");
  config.require_command();
  Command command = config.add_command("check", "is this file right?");
  command.set_footer(kFooter);
  command.add_option("FILE", arguments->file, "edge.toml or control.toml").required();
  command.add_option("--kind", arguments->kind, "edge or control; told by the file's tables where it is not given")
      .one_of({"edge", "control"});
  command.call([arguments, &exit] { exit = run(*arguments); });
}

}  // namespace parapet::cli
