// SPDX-License-Identifier: Apache-2.0
// The gate between what a source sent and what is read: only here a VerifiedFeed comes into being.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "lists/fetch/fetch.h"

namespace parapet::lists {

// Bytes that are whole and come from the source: the one thing lists/read takes.
class VerifiedFeed {
 public:
  ByteView bytes() const noexcept { return raw_.bytes; }
  const std::string& etag() const noexcept { return raw_.head.etag; }
  const std::string& last_modified() const noexcept { return raw_.head.last_modified; }
  std::uint64_t last_modified_realtime_ns() const noexcept { return raw_.head.last_modified_realtime_ns; }

 private:
  friend Result<VerifiedFeed> verify_feed(RawFeed raw, std::uint64_t max_size_bytes);
  explicit VerifiedFeed(RawFeed raw) noexcept : raw_(std::move(raw)) {}
  RawFeed raw_;
};

// Origin is vouched for by the transport (TLS to the CA file, lists/fetch); here the feed must be as long as the source
// said, have a marked end and stay within the limit.
//   errors  integrity (length, end) · limit
Result<VerifiedFeed> verify_feed(RawFeed raw, std::uint64_t max_size_bytes);

}  // namespace parapet::lists
