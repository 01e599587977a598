// SPDX-License-Identifier: Apache-2.0
// The reading child: verify → read → canonicalise → guard → digest.
#include "lists/update/reading_child.h"

#include <unistd.h>
#include <optional>

#include "base/secret.h"
#include "canon/idna.h"
#include "lists/archive/entry_sealer.h"
#include "lists/compile/digest_feed.h"
#include "lists/guard/never_block.h"
#include "lists/update/child_io.h"
#include "lists/update/child_process.h"
#include "lists/update/entries_memory.h"
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

// Seals each entry into the memory that parapetd gave for it; nothing where the entries are not kept.
class EntryKeeper {
 public:
  EntryKeeper(const ReadRequest& request, std::uint64_t feed_bytes) {
    if (request.data_key.empty()) return;
    sealer_.emplace(request.data_key, max_entries_bytes(request.source, feed_bytes),
                    [](ByteView sealed) { return write_feed(kEntriesFd, sealed); });
  }
  void see(const canon::Entry& entry, EntryId id) {
    if (!sealer_) return;
    std::string text = canon::canonical_text(entry);
    sealer_->add(id, entry.line, text);
    wipe(text.data(), text.size());
  }
  Status finish() { return sealer_ ? sealer_->finish() : Status{}; }

 private:
  std::optional<EntrySealer> sealer_;
};

Result<GuardedList> read_feed_of(const ReadRequest& request) {
  auto bytes = read_feed_bytes(kFeedFd, request.source.max_size_bytes);
  if (!bytes) return std::unexpected(bytes.error());
  EntryKeeper keeper(request, bytes->size());
  auto rules = rules_of(request);
  if (!rules) return std::unexpected(rules.error());
  auto verified = verify_feed({std::move(*bytes), request.head}, *rules);
  if (!verified) return std::unexpected(verified.error().within("verify"));
  auto never_block = NeverBlock::make({request.guard_files, {}});
  if (!never_block) return std::unexpected(never_block.error().within("guard data"));
  Findings findings;
  const auto watch = [&](const canon::Entry& entry, EntryId id) {
    if (const auto rule = never_block->rule_against(entry)) add_finding(findings, *rule, id);
    keeper.see(entry, id);
  };
  auto list = digest_feed(*verified, request.source, request.digest_key, watch);
  if (!list) return std::unexpected(list.error().within("read"));
  if (auto status = keeper.finish(); !status) return std::unexpected(status.error().within("archive"));
  list->findings = std::move(findings);
  return list;
}

// Too little memory is an answer like others, and what is thrown for it ends here.
Result<GuardedList> read_within_memory(const ReadRequest& request) {
  try {
    return read_feed_of(request);
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::limit,
                "reading it takes more than read_memory_mib = " + std::to_string(request.source.read_memory_mib));
  }
}

}  // namespace

int run_reading_child() {
  if (!begin_child(kEntriesFd)) return kChildFailed;
  auto bytes = read_request_bytes();
  if (!bytes) return kChildFailed;
  auto request = parse_read_request(*bytes);
  if (!request) return kChildFailed;
  static_cast<void>(canon::domain_to_ascii("\xc3\xbc"));  // ICU looks for files the first time
  const bool keeps_entries = !request->data_key.empty();
  if (!keeps_entries) ::close(kEntriesFd);  // whatever it is
  const auto feed_bytes = feed_size(kFeedFd);
  if (!feed_bytes || !prepare_sealing()) return kChildFailed;
  const SandboxLimits limits{std::uint64_t{request->source.read_memory_mib} << 20, kReadingCpuSeconds,
                             keeps_entries ? max_entries_bytes(request->source, *feed_bytes) : 0};
  if (!enter_sandbox(limits)) return kChildFailed;
  return write_reply(format_read_reply(read_within_memory(*request), request->digest_key)) ? kChildReplied
                                                                                           : kChildFailed;
}

}  // namespace parapet::lists
