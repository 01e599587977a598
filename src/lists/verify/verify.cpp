// SPDX-License-Identifier: Apache-2.0
// Size and completeness of a feed.
#include "lists/verify/verify.h"

namespace parapet::lists {

Result<VerifiedFeed> verify_feed(RawFeed raw, std::uint64_t max_size_bytes) {
  const std::size_t size = raw.bytes.size();
  if (size > max_size_bytes) {
    return fail(ErrorCode::limit, "the list has more than max_size_bytes = " + std::to_string(max_size_bytes));
  }
  if (raw.head.declared_size >= 0 && static_cast<std::uint64_t>(raw.head.declared_size) != size) {
    return fail(ErrorCode::integrity, "the source announced " + std::to_string(raw.head.declared_size) +
                                          " bytes and sent " + std::to_string(size));
  }
  if (!raw.head.end_is_marked) {
    return fail(ErrorCode::integrity,
                "the source marks no end (neither Content-Length nor chunks), so a list cut short "
                "would not show");
  }
  return VerifiedFeed(std::move(raw));
}

}  // namespace parapet::lists
