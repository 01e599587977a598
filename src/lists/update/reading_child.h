// SPDX-License-Identifier: Apache-2.0
// The short-lived process in which listed names stand in clear: it has the feed's memory, memory for the sealed entries
// and its two pipes, and nothing else (sandbox.h): no network, no file.
#pragma once

namespace parapet::lists {

inline constexpr const char* kReadingChildArgument = "--read-source";  // argv[1] of parapetd as this child

// Takes one request from standard input, the feed from kFeedFd, writes one reply to standard output.
//   out  the exit status: 0 when a reply was written, whatever it says
int run_reading_child();

}  // namespace parapet::lists
