// SPDX-License-Identifier: Apache-2.0
// The short-lived process that makes the sealed entries of a whole list of those of its base and of an increment: names
// stand in it in clear, chunk by chunk. It parses nothing that a source sent, and has neither the digest key nor the
// archive key; it is confined as the reading child is.
#pragma once

namespace parapet::lists {

inline constexpr const char* kJoiningChildArgument = "--join-entries";  // argv[1] of parapetd as this child

// Takes one request from standard input, streams and ids from kFeedFd, writes the joined stream to kEntriesFd and one
// reply to standard output.
//   out  the exit status: 0 when a reply was written, whatever it says
int run_joining_child();

}  // namespace parapet::lists
