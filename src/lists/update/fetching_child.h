// SPDX-License-Identifier: Apache-2.0
// The short-lived process that talks with a source: it has the network and the credentials, and no digest key.
#pragma once

namespace parapet::lists {

inline constexpr const char* kFetchingChildArgument = "--fetch-source";  // argv[1] of parapetd as this child

// Takes one request from standard input, writes what it fetched to kFeedFd and one reply to standard output.
//   out  the exit status: 0 when a reply was written, whatever it says
int run_fetching_child();

}  // namespace parapet::lists
