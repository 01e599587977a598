// SPDX-License-Identifier: Apache-2.0
// The reading child: verify → read → canonicalise → guard → digest.
#include "lists/update/reading_child.h"

#include "canon/idna.h"
#include "lists/compile/digest_feed.h"
#include "lists/update/child_io.h"
#include "lists/update/child_process.h"
#include "lists/update/feed_memory.h"
#include "lists/update/read_frames.h"
#include "lists/update/sandbox.h"
#include "lists/verify/verify.h"

namespace parapet::lists {
namespace {

constexpr std::uint64_t kReadingCpuSeconds = 300;

Result<VerifyRules> rules_of(const ReadRequest& request) {
  VerifyRules rules{.max_size_bytes = request.source.max_size_bytes,
                    .keys = {},
                    .openpgp = request.openpgp,
                    .signed_file = request.source.signed_file,
                    .trusted_now_realtime_ns = request.trusted_now_realtime_ns};
  if (rules.openpgp) return rules;
  for (const auto& key : request.source.keys) {
    auto parsed = parse_minisign_key(key.minisign);
    if (!parsed) return std::unexpected(parsed.error().within("key " + key.name));
    rules.keys.push_back(*parsed);
  }
  return rules;
}

Result<DigestedList> read_feed_of(const ReadRequest& request) {
  auto bytes = read_feed_bytes(kFeedFd, request.source.max_size_bytes);
  if (!bytes) return std::unexpected(bytes.error());
  auto rules = rules_of(request);
  if (!rules) return std::unexpected(rules.error());
  auto verified = verify_feed({std::move(*bytes), request.head}, *rules);
  if (!verified) return std::unexpected(verified.error().within("verify"));
  auto list = digest_feed(*verified, request.source, request.digest_key);
  if (!list) return std::unexpected(list.error().within("read"));
  return list;
}

// Too little memory is an answer like others, and what is thrown for it ends here.
Result<DigestedList> read_within_memory(const ReadRequest& request) {
  try {
    return read_feed_of(request);
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::limit,
                "reading it takes more than read_memory_mib = " + std::to_string(request.source.read_memory_mib));
  }
}

}  // namespace

int run_reading_child() {
  if (!begin_child()) return kChildFailed;
  auto bytes = read_request_bytes();
  if (!bytes) return kChildFailed;
  auto request = parse_read_request(*bytes);
  if (!request) return kChildFailed;
  static_cast<void>(canon::domain_to_ascii("\xc3\xbc"));  // ICU looks for files the first time
  const SandboxLimits limits{std::uint64_t{request->source.read_memory_mib} << 20, kReadingCpuSeconds};
  if (!enter_sandbox(limits)) return kChildFailed;
  return write_reply(format_read_reply(read_within_memory(*request), request->digest_key)) ? kChildReplied
                                                                                           : kChildFailed;
}

}  // namespace parapet::lists
