// SPDX-License-Identifier: Apache-2.0
// Size, completeness and origin of a feed.
#include "lists/verify/verify.h"

namespace parapet::lists {
namespace {

Status check_whole(const RawFeed& raw, std::uint64_t max_size_bytes) {
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
  return {};
}

Status check_statement(const SignedStatement& statement, const VerifyRules& rules) {
  if (!rules.signed_file.empty() && statement.file != rules.signed_file) {
    return fail(ErrorCode::refused, "the signature is for another file than " + rules.signed_file);
  }
  if (statement.realtime_ns > rules.trusted_now_realtime_ns + kMaxAheadNs) {
    return fail(ErrorCode::refused, "the signature is of more than a day ahead of this box's time");
  }
  return {};
}

}  // namespace

Result<VerifiedFeed> verify_feed(RawFeed raw, const VerifyRules& rules) {
  if (auto status = check_whole(raw, rules.max_size_bytes); !status) return std::unexpected(status.error());
  if (rules.keys.empty() && !rules.openpgp) return VerifiedFeed(std::move(raw), std::nullopt);
  auto statement = rules.openpgp ? judge_openpgp(*rules.openpgp, rules.trusted_now_realtime_ns)
                                 : verify_minisign(raw.bytes, raw.head.signature, rules.keys);
  if (!statement) return std::unexpected(statement.error());
  if (auto status = check_statement(*statement, rules); !status) return std::unexpected(status.error());
  return VerifiedFeed(std::move(raw), std::move(*statement));
}

}  // namespace parapet::lists
