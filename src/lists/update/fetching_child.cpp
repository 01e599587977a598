// SPDX-License-Identifier: Apache-2.0
// The fetching child.
#include "lists/update/fetching_child.h"

#include "lists/update/child_io.h"
#include "lists/update/child_process.h"
#include "lists/update/feed_memory.h"
#include "lists/update/fetch_frames.h"

namespace parapet::lists {
namespace {

Result<FetchReply> fetch_into_memory(const FetchRequest& request) {
  auto fetched = fetch_feed(request);
  if (!fetched) return std::unexpected(fetched.error().within("fetch"));
  const auto* raw = std::get_if<RawFeed>(&*fetched);
  if (raw == nullptr) return NotModified{};
  if (auto status = write_feed(kFeedFd, raw->bytes); !status) return std::unexpected(status.error());
  return raw->head;
}

}  // namespace

int run_fetching_child() {
  if (!begin_child()) return kChildFailed;
  auto bytes = read_request_bytes();
  if (!bytes) return kChildFailed;
  auto request = parse_fetch_request(*bytes);
  if (!request) return kChildFailed;
  return write_reply(format_fetch_reply(fetch_into_memory(*request))) ? kChildReplied : kChildFailed;
}

}  // namespace parapet::lists
