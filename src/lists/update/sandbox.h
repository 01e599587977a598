// SPDX-License-Identifier: Apache-2.0
// Takes everything from this process that reading a feed does not need. By libseccomp.
#pragma once

#include <cstdint>

#include "base/result.h"

namespace parapet::lists {

struct SandboxLimits {
  std::uint64_t memory_bytes;  // of address space, beyond what is mapped now
  std::uint64_t cpu_seconds;
  std::uint64_t written_bytes = 0;  // of any one memory or file; pipes are not counted
};

// From here on the process can read and write what it has open, take and give back memory, tell the time and end. Any
// other system call ends it with SIGSYS: no file or socket can be opened, no process started, no memory made
// executable. More memory than the limit is refused (std::bad_alloc), more time ends it (SIGXCPU),
// more written too (SIGXFSZ).
//   errors  unavailable (the kernel has no seccomp filters) · io
Status enter_sandbox(const SandboxLimits& limits);

}  // namespace parapet::lists
