// SPDX-License-Identifier: Apache-2.0
// The joining child: base's stream without some ids, then the increment's stream → one stream.
#include "lists/update/joining_child.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "base/secret.h"
#include "lists/archive/entry_sealer.h"
#include "lists/archive/sealed_stream.h"
#include "lists/update/child_io.h"
#include "lists/update/feed_memory.h"
#include "lists/update/join_frames.h"
#include "lists/update/sandbox.h"

namespace parapet::lists {
namespace {

constexpr std::uint64_t kJoiningCpuSeconds = 300;
constexpr std::uint64_t kOwnMemory = 64 << 20;     // beside the streams
constexpr std::uint64_t kWrittenBeside = 1 << 20;  // one more head and chunk than both have

std::vector<EntryId> read_ids(ByteView bytes) {
  std::vector<EntryId> ids(bytes.size() / 8);
  for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = EntryId{load_be64(bytes.data() + 8 * i)};
  return ids;
}

Status join(const JoinQuestion& question) {
  auto memory = read_feed_bytes(kFeedFd, std::numeric_limits<std::uint64_t>::max());
  if (!memory) return std::unexpected(memory.error());
  const ByteView all(*memory);
  if (question.base_bytes > all.size() || question.added_bytes > all.size() - question.base_bytes) {
    return fail(ErrorCode::malformed, "the memory is shorter than the streams in it");
  }
  const auto base = all.first(question.base_bytes);
  const auto added = all.subspan(question.base_bytes, question.added_bytes);
  const auto left_out = read_ids(all.subspan(question.base_bytes + question.added_bytes));
  EntrySealer sealer(question.joined_key, base.size() + added.size() + kWrittenBeside,
                     [](ByteView sealed) { return write_feed(kEntriesFd, sealed); });
  const auto keep = [&](EntryId id, std::uint64_t line, std::string_view text) {
    if (!std::ranges::binary_search(left_out, id)) sealer.add(id, line, text);
  };
  if (auto status = walk_sealed_stream(base, question.base_key, keep); !status) {
    return std::unexpected(status.error().within("the base"));
  }
  const auto add = [&](EntryId id, std::uint64_t line, std::string_view text) { sealer.add(id, line, text); };
  if (auto status = walk_sealed_stream(added, question.added_key, add); !status) {
    return std::unexpected(status.error().within("the increment"));
  }
  return sealer.finish();
}

Status join_within_memory(const JoinQuestion& question) {
  try {
    return join(question);
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::limit, "joining takes more memory than its streams");
  }
}

}  // namespace

int run_joining_child() {
  if (!begin_child(kEntriesFd)) return kChildFailed;
  auto bytes = read_request_bytes();
  if (!bytes) return kChildFailed;
  const auto question = parse_join_question(*bytes);
  wipe(*bytes);
  if (!question) return kChildFailed;
  const auto size = feed_size(kFeedFd);
  if (!size || !prepare_sealing()) return kChildFailed;
  const SandboxLimits limits{2 * *size + kOwnMemory, kJoiningCpuSeconds,
                             question->base_bytes + question->added_bytes + kWrittenBeside};
  if (!enter_sandbox(limits)) return kChildFailed;
  return write_reply(format_join_reply(join_within_memory(*question))) ? kChildReplied : kChildFailed;
}

}  // namespace parapet::lists
