// SPDX-License-Identifier: Apache-2.0
// What the commands of `parapet` end with; each command's --help says what it means there.
#pragma once

namespace parapet::cli {

enum class ExitCode : int {
  ok = 0,           // healthy; listed; all read; valid
  finding = 1,      // warnings; not listed; something unreadable; invalid
  usage = 2,        // arguments
  unavailable = 3,  // edge not running; nobody answers; refused
};

}  // namespace parapet::cli
