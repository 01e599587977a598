// SPDX-License-Identifier: Apache-2.0
// The gate between what a source sent and what is read: only here a VerifiedFeed comes into being.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "lists/fetch/fetch.h"
#include "lists/verify/minisign.h"
#include "lists/verify/openpgp.h"

namespace parapet::lists {

// What a feed of a source must keep to.
struct VerifyRules {
  std::uint64_t max_size_bytes = 0;
  std::vector<MinisignKey> keys;            // with neither these nor openpgp the transport alone vouches for the origin
  std::optional<OpenPgpAnswer> openpgp;     // of gpgv about exactly these bytes and head.signature; instead of keys
  std::string signed_file;                  // what the signature must name; empty: anything
  Nanoseconds trusted_now_realtime_ns = 0;  // with keys: see trusted_time.h
};

// Bytes that are whole and come from the source: the one thing lists/read takes.
class VerifiedFeed {
 public:
  ByteView bytes() const noexcept { return raw_.bytes; }
  const std::string& etag() const noexcept { return raw_.head.etag; }
  const std::string& last_modified() const noexcept { return raw_.head.last_modified; }
  std::uint64_t last_modified_realtime_ns() const noexcept { return raw_.head.last_modified_realtime_ns; }
  const std::optional<SignedStatement>& statement() const noexcept { return statement_; }  // none: not signed

 private:
  friend Result<VerifiedFeed> verify_feed(RawFeed raw, const VerifyRules& rules);
  VerifiedFeed(RawFeed raw, std::optional<SignedStatement> statement) noexcept
      : raw_(std::move(raw)), statement_(std::move(statement)) {}
  RawFeed raw_;
  std::optional<SignedStatement> statement_;
};

inline constexpr Nanoseconds kMaxAheadNs = 24 * 3600 * kNanosecondsPerSecond;

// The feed must be as long as the source said, have a marked end and stay within the limit. Where the source has keys,
// one of them must have signed exactly these bytes, under the name that the source's list has, and not more than
// kMaxAheadNs ahead of trusted time. Whether it is newer than the list held is judged where that is known
// (check_order).
//   errors  integrity (length, end, signature) · limit · malformed (signature) · unsupported · refused (name, time)
Result<VerifiedFeed> verify_feed(RawFeed raw, const VerifyRules& rules);

}  // namespace parapet::lists
