// SPDX-License-Identifier: Apache-2.0
// The command line of `parapet`.
#pragma once

#include <CLI/CLI.hpp>

#include "app/cli/exit_code.h"

namespace parapet::cli {

ExitCode run_command_line(int argc, const char* const* argv);

// Each command adds itself, with its arguments and help, and says by `exit` how it ended.
void add_status(CLI::App& app, ExitCode& exit);
void add_explain(CLI::App& app, ExitCode& exit);
void add_replay(CLI::App& app, ExitCode& exit);
void add_config(CLI::App& app, ExitCode& exit);
void add_audit(CLI::App& app, ExitCode& exit);
void add_lists(CLI::App& app, ExitCode& exit);
void add_held(CLI::App& app, ExitCode& exit);
void add_approve(CLI::App& app, ExitCode& exit);
void add_rollback(CLI::App& app, ExitCode& exit);
void add_switch(CLI::App& app, ExitCode& exit);
void add_suspend(CLI::App& app, ExitCode& exit);
void add_appeal(CLI::App& app, ExitCode& exit);
void add_reveal(CLI::App& app, ExitCode& exit);
void add_key(CLI::App& app, ExitCode& exit);

}  // namespace parapet::cli
