// SPDX-License-Identifier: Apache-2.0
// parapet: the operator's program.
#include <iostream>

#include "app/cli/commands.h"
#include "base/secret.h"

int main(int argc, char** argv) {
  using parapet::cli::ExitCode;
  if (auto status = parapet::deny_core_dumps(); !status) {
    std::cerr << "parapet: " << status.error().context << '\n';
    return static_cast<int>(ExitCode::finding);
  }
  return static_cast<int>(parapet::cli::run_command_line(argc, argv));
}
