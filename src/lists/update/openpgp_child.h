// SPDX-License-Identifier: Apache-2.0
// The short-lived process that has gpgv(1) check a list's OpenPGP signature: it has the feed's memory, the source's
// public keys and two pipes, neither the digest key nor credentials; gpgv itself has less (program_sandbox.h).
#pragma once

namespace parapet::lists {

inline constexpr const char* kOpenPgpChildArgument = "--verify-openpgp";  // argv[1] of parapetd as this child

// Takes one request from standard input, the feed from kFeedFd, writes one reply to standard output.
//   out  the exit status: 0 when a reply was written, whatever it says
int run_openpgp_child();

}  // namespace parapet::lists
