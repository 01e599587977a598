// SPDX-License-Identifier: Apache-2.0
// `parapet key`.
#include <iostream>
#include <memory>

#include "app/cli/commands.h"
#include "approval/key_file.h"
#include "base/secret.h"
#include "config/toml_table.h"

namespace parapet::cli {
namespace {

constexpr const char* kFooter =
    "Makes an Ed25519 key for one person and prints what belongs into control.toml. The file is the person's alone:\n"
    "who has it can say what that person says.\n"
    "Exit status:\n"
    "  0  made\n"
    "  1  the file exists already, or cannot be written\n"
    "  2  wrong arguments\n"
    "Examples:\n"
    "  parapet key new anna ~/.config/parapet/anna.key\n"
    "  parapet key show ~/.config/parapet/anna.key       prints the public part again\n";

struct KeyArguments {
  std::string name;
  std::string file;
};

void print_approver(const std::string& name, const std::string& public_key) {
  std::cout << "[[approver]]\nname = \"" << name << "\"\ned25519 = \"" << public_key << "\"\n";
}

ExitCode tell(const Error& error) {
  std::cerr << "parapet key: " << error.context << '\n';
  return ExitCode::finding;
}

ExitCode make_key(const KeyArguments& arguments) {
  if (!config::is_name(arguments.name)) {
    std::cerr << "parapet key: NAME: expected 1..32 of a-z 0-9 -\n";
    return ExitCode::usage;
  }
  auto pair = approval::make_key_pair();
  const auto written = approval::write_key_file(arguments.file, {arguments.name, pair.seed});
  wipe(pair.seed);
  if (!written) return tell(written.error());
  print_approver(arguments.name, pair.public_key);
  return ExitCode::ok;
}

ExitCode show_key(const KeyArguments& arguments) {
  auto key = approval::read_key_file(arguments.file);
  if (!key) return tell(key.error());
  print_approver(key->name, approval::public_key_of(key->seed));
  wipe(key->seed);
  return ExitCode::ok;
}

}  // namespace

void add_key(Command& app, ExitCode& exit) {
  const auto arguments = std::make_shared<KeyArguments>();
  Command key = app.add_command("key", "your key, with which you approve, refuse and suspend");
  key.require_command();
  key.set_footer(kFooter);
  Command make = key.add_command("new", "make one");
  make.add_option("NAME", arguments->name, "yours, as it will stand in control.toml").required();
  make.add_option("FILE", arguments->file, "where to put it; must not exist").required();
  make.call([arguments, &exit] { exit = make_key(*arguments); });
  Command show = key.add_command("show", "print its public part");
  show.add_option("FILE", arguments->file, "the key file").required();
  show.call([arguments, &exit] { exit = show_key(*arguments); });
}

}  // namespace parapet::cli
