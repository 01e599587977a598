// SPDX-License-Identifier: Apache-2.0
// What parapetd and its reading child say to each other over two pipes: one request, one reply.
//
//   request  "PRQ1", then fields, each be32 length and bytes, in the order of ReadRequest
//   reply    "PRR1", u8 type (1 not modified, 2 list, 3 error), be32 length and bytes of: nothing · a digested list
//            (lists/compile/digested_list.h) · error code's name, a line feed, its context
//
// The child has read hostile bytes, so its reply is one.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "config/control_options.h"
#include "digest/key.h"
#include "lists/compile/digested_list.h"
#include "lists/fetch/fetch.h"

namespace parapet::lists {

struct ReadRequest {
  config::SourceOptions source;
  std::string digest_key_file;
  std::string etag;  // of the version held; empty: none
  std::string last_modified;
};

using ReadReply = std::variant<NotModified, DigestedList>;

inline constexpr std::size_t kMaxErrorContext = 1024;

std::vector<std::uint8_t> format_request(const ReadRequest& request);
Result<ReadRequest> parse_request(ByteView bytes);

std::vector<std::uint8_t> format_reply(const Result<ReadReply>& reply, const digest::Key& key);
// The child's own error comes back as such; what is no reply is malformed or integrity.
//   REQUIRES  the list in it must bear this source's name
Result<ReadReply> parse_reply(ByteView bytes, const digest::Key& key, const std::string& source_name);

}  // namespace parapet::lists
