// SPDX-License-Identifier: Apache-2.0
// The command line of `parapet`.
#pragma once

#include "app/cli/exit_code.h"
#include "command_line/command.h"

namespace parapet::cli {

using command_line::Command;

ExitCode run_command_line(int argc, const char* const* argv);

// Each command adds itself, with its arguments and help, and says by `exit` how it ended.
void add_status(Command& app, ExitCode& exit);
void add_explain(Command& app, ExitCode& exit);
void add_replay(Command& app, ExitCode& exit);
void add_config(Command& app, ExitCode& exit);
void add_audit(Command& app, ExitCode& exit);
void add_lists(Command& app, ExitCode& exit);
void add_simulate(Command& app, ExitCode& exit);
void add_held(Command& app, ExitCode& exit);
void add_approve(Command& app, ExitCode& exit);
void add_rollback(Command& app, ExitCode& exit);
void add_switch(Command& app, ExitCode& exit);
void add_suspend(Command& app, ExitCode& exit);
void add_appeal(Command& app, ExitCode& exit);
void add_reveal(Command& app, ExitCode& exit);
void add_scope(Command& app, ExitCode& exit);
void add_key(Command& app, ExitCode& exit);

}  // namespace parapet::cli
