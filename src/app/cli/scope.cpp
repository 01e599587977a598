// SPDX-License-Identifier: Apache-2.0
// `parapet scope`.
#include <iostream>
#include <memory>

#include "app/cli/commands.h"
#include "app/cli/text_table.h"
#include "approval/scope_lock.h"
#include "base/file.h"
#include "base/secret.h"
#include "config/control_options.h"

namespace parapet::cli {
namespace {

constexpr const char* kFooter =
    "The scope lock is a file that says which categories lists may have (category in [source.legal]), signed by two\n"
    "people of control.toml. A list of another category is refused; without a lock every list only counts. A lock is\n"
    "replaced only by one with a higher sequence; each change is an audit record. Move a new lock over the old one "
    "when\n"
    "two people have signed it: parapetd looks each second.\n"
    "Exit status:\n"
    "  0  done; show: two people have signed it\n"
    "  1  the file is no lock, exists already, or two people have not signed it; or your key cannot be read\n"
    "  2  wrong arguments\n"
    "Examples:\n"
    "  parapet scope new scope.lock csam terrorism\n"
    "  parapet scope new scope.lock.new csam --sequence 2\n"
    "  parapet scope sign scope.lock --key ~/.config/parapet/anna.key\n"
    "  parapet scope sign scope.lock --key ~/.config/parapet/boris.key\n"
    "  parapet scope show scope.lock                                     what it says\n"
    "  parapet scope show scope.lock --config /etc/parapet/control.toml  and whether the signatures are right\n";

constexpr unsigned kLockMode = 0644;  // no secret

struct ScopeArguments {
  std::string file;
  std::vector<std::string> categories;
  std::uint64_t sequence = 1;
  std::string key_file;
  std::string config_file;
};

ExitCode tell(const Error& error) {
  std::cerr << "parapet scope: " << error.context << '\n';
  return error.code == ErrorCode::invalid_argument ? ExitCode::usage : ExitCode::finding;
}

Result<approval::ScopeLock> read_lock(const std::string& path) {
  const auto bytes = read_file(path, approval::kMaxScopeLockFile);
  if (!bytes) return std::unexpected(bytes.error());
  auto lock = approval::parse_scope_lock(text_of(*bytes));
  return lock ? lock : std::unexpected(lock.error().within(path));
}

void print_lock(const approval::ScopeLock& lock) {
  std::cout << "sequence    " << lock.sequence << "\ndigest      " << approval::digest_of(lock) << "\ncategories ";
  for (const auto& category : lock.categories) std::cout << ' ' << category;
  std::cout << "\nsigned by  ";
  for (const auto& each : lock.signatures) std::cout << ' ' << each.by;
  std::cout << (lock.signatures.empty() ? " nobody\n" : "\n");
}

ExitCode make_lock(const ScopeArguments& arguments) {
  const auto lock = approval::make_scope_lock(arguments.sequence, arguments.categories);
  if (!lock) return tell(lock.error());
  const auto there = read_file(arguments.file, approval::kMaxScopeLockFile);
  if (there || there.error().code != ErrorCode::not_found) {
    return tell({ErrorCode::refused, arguments.file + " exists already"});
  }
  const std::string text = approval::format_scope_lock(*lock);
  if (auto status = replace_file(arguments.file, bytes_of(text), kLockMode); !status) return tell(status.error());
  print_lock(*lock);
  return ExitCode::ok;
}

ExitCode sign_lock(const ScopeArguments& arguments) {
  auto lock = read_lock(arguments.file);
  if (!lock) return tell(lock.error());
  auto key = approval::read_key_file(arguments.key_file);
  if (!key) return tell(key.error());
  const auto signed_now = approval::sign_scope_lock(*lock, *key);
  wipe(key->seed);
  if (!signed_now) return tell(signed_now.error());
  const std::string text = approval::format_scope_lock(*lock);
  if (auto status = replace_file(arguments.file, bytes_of(text), kLockMode); !status) return tell(status.error());
  print_lock(*lock);
  if (lock->signatures.size() < approval::kScopeSigners) std::cout << "another person must sign it\n";
  return ExitCode::ok;
}

ExitCode show_lock(const ScopeArguments& arguments) {
  const auto lock = read_lock(arguments.file);
  if (!lock) return tell(lock.error());
  print_lock(*lock);
  if (arguments.config_file.empty()) {
    return lock->signatures.size() < approval::kScopeSigners ? ExitCode::finding : ExitCode::ok;
  }
  const auto bytes = read_file(arguments.config_file, config::kMaxConfigFile);
  if (!bytes) return tell(bytes.error());
  const auto options = config::parse_control_options(text_of(*bytes), arguments.config_file);
  if (!options) return tell(options.error());
  const auto people = approval::verify_scope_lock(*lock, options->approvers);
  if (!people) return tell(people.error());
  std::cout << "right: " << people->size() << " approvers of " << arguments.config_file << " signed it\n";
  return ExitCode::ok;
}

}  // namespace

void add_scope(Command& app, ExitCode& exit) {
  const auto arguments = std::make_shared<ScopeArguments>();
  Command scope = app.add_command("scope", "the categories that lists may have, signed by two people");
  scope.require_command();
  scope.set_footer(kFooter);
  Command make = scope.add_command("new", "make a lock that nobody has signed");
  make.set_footer(kFooter);
  make.add_option("FILE", arguments->file, "where to put it; must not exist").required();
  make.add_option("CATEGORY", arguments->categories, "1..32 of a-z 0-9 -, as in [source.legal]").required();
  make.add_option("--sequence", arguments->sequence, "higher than that of the lock which it replaces").show_default();
  make.call([arguments, &exit] { exit = make_lock(*arguments); });
  Command sign = scope.add_command("sign", "add your signature");
  sign.set_footer(kFooter);
  sign.add_option("FILE", arguments->file, "the lock").required();
  sign.add_option("--key", arguments->key_file, "your key file, made by `parapet key new`").required();
  sign.call([arguments, &exit] { exit = sign_lock(*arguments); });
  Command show = scope.add_command("show", "what it says, and who signed it");
  show.set_footer(kFooter);
  show.add_option("FILE", arguments->file, "the lock").required();
  show.add_option("--config", arguments->config_file, "control.toml: are the signatures those of its approvers?");
  show.call([arguments, &exit] { exit = show_lock(*arguments); });
}

}  // namespace parapet::cli
