// SPDX-License-Identifier: Apache-2.0
// The command line as a whole.
#include "app/cli/commands.h"

namespace parapet::cli {
namespace {

constexpr const char* kFooter =
    "Examples:\n"
    "  parapet status                                     is all well?\n"
    "  parapet explain http://www.example.test/page       is it listed, and how is it stopped?\n"
    "  parapet lists                                      what is in force, and how is it enforced?\n"
    "  parapet simulate draft.txt --source hotline        what would this update touch?\n"
    "  parapet held                                       which lists wait for people?\n"
    "  parapet suspend 203473680f7dca5e ...               lift what is stopped falsely\n"
    "  parapet replay --lists list.txt capture.pcapng     what would be stopped in a capture?\n"
    "  parapet config check /etc/parapet/edge.toml        is this file right?\n"
    "  parapet audit verify /var/lib/parapet/audit.jsonl  is the audit log whole?\n"
    "Exit status: 0 well, 1 a finding, 2 wrong arguments, 3 nobody to ask; each command's --help says more.\n";

}  // namespace

ExitCode run_command_line(int argc, const char* const* argv) {
  command_line::CommandLine line(
      "parapet asks parapetd, decides with your key, and tries Parapet out; it never touches traffic.", "parapet");
  Command app = line.root();
  app.require_command();
  app.set_footer(kFooter);
  ExitCode exit = ExitCode::ok;
  add_status(app, exit);
  add_explain(app, exit);
  add_appeal(app, exit);
  add_lists(app, exit);
  add_simulate(app, exit);
  add_held(app, exit);
  add_approve(app, exit);
  add_suspend(app, exit);
  add_rollback(app, exit);
  add_switch(app, exit);
  add_reveal(app, exit);
  add_scope(app, exit);
  add_key(app, exit);
  add_replay(app, exit);
  add_config(app, exit);
  add_audit(app, exit);
  if (const auto status = line.parse(argc, argv)) return *status == 0 ? ExitCode::ok : ExitCode::usage;
  return exit;
}

}  // namespace parapet::cli
