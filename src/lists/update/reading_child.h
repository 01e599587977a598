// SPDX-License-Identifier: Apache-2.0
// The short-lived process in which listed names stand in clear; parapetd starts itself so.
#pragma once

namespace parapet::lists {

inline constexpr const char* kReadingChildArgument = "--read-source";  // argv[1] of the child; not for people

// Takes one request from standard input, writes one reply to standard output. Leaves no core dump, dies with its
// parent.
//   out  the exit status: 0 when a reply was written, whatever it says
int run_reading_child();

}  // namespace parapet::lists
