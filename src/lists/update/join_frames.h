// SPDX-License-Identifier: Apache-2.0
// What parapetd and its joining child say to each other; the streams and the ids stand in the feed's memory.
//
//   request  "PJQ1", then the fields of JoinQuestion
//   memory   the base's stream, the increment's stream, be64 entry ids in ascending order
//   reply    "PJR1", u8 type: 1 joined · 3 error, then error code's name, a line feed, its context
//
// The child has read what a reading child sealed, so its reply is hostile.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace parapet::lists {

struct JoinQuestion {
  std::uint64_t base_bytes = 0;  // of the memory
  std::uint64_t added_bytes = 0;
  std::vector<std::uint8_t> base_key;  // data keys, kDataKeySize each
  std::vector<std::uint8_t> added_key;
  std::vector<std::uint8_t> joined_key;  // to seal the result under, into kEntriesFd
};

inline constexpr std::size_t kMaxJoinReply = 2048;

std::vector<std::uint8_t> format_join_question(const JoinQuestion& question);
Result<JoinQuestion> parse_join_question(ByteView bytes);

std::vector<std::uint8_t> format_join_reply(const Status& reply);
// The child's own error comes back as such; what is no reply is malformed.
Status parse_join_reply(ByteView bytes);

}  // namespace parapet::lists
