// SPDX-License-Identifier: Apache-2.0
// Takes from this process what a checking program started in its place does not need. By Landlock and libseccomp.
#pragma once

#include <cstdint>

#include "base/result.h"

namespace parapet::lists {

struct ProgramLimits {
  std::uint64_t memory_bytes;  // of address space
  std::uint64_t cpu_seconds;
};

// For a process that is about to become `program` (execve): no socket, no child, no signal to others (EPERM), nothing
// written but to what is open already, no core dump; it dies with its parent. Where the kernel has Landlock, it can
// open and execute nothing but the program, the libraries below /usr/lib, and what it holds in memory without a name.
//   REQUIRES  a single thread; no allocation between this and execve
//   errors  unavailable (the kernel has no seccomp filters) · io
Status enter_program_sandbox(const char* program, const ProgramLimits& limits);

}  // namespace parapet::lists
