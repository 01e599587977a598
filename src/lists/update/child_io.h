// SPDX-License-Identifier: Apache-2.0
// The child's end of child_process.h: a request from standard input, a reply to standard output.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "lists/update/child_process.h"

namespace parapet::lists {

// Leaves no core dump, dies with its parent, has no descriptor but standard ones, kFeedFd and those up to last_fd.
Status begin_child(int last_fd = kFeedFd);

//   errors  limit · io
Result<std::vector<std::uint8_t>> read_request_bytes();

// False: nobody listens any more.
bool write_reply(ByteView bytes);

inline constexpr int kChildReplied = 0;  // exit status, whatever the reply says
inline constexpr int kChildFailed = 3;   // no reply could be made

}  // namespace parapet::lists
