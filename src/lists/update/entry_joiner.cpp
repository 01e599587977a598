// SPDX-License-Identifier: Apache-2.0
// Running the joining child.
#include "lists/update/entry_joiner.h"

#include <limits>

#include "base/secret.h"
#include "lists/update/child_process.h"
#include "lists/update/feed_memory.h"
#include "lists/update/join_frames.h"
#include "lists/update/joining_child.h"

namespace parapet::lists {
namespace {

std::vector<std::uint8_t> copy_of(ByteView bytes) { return {bytes.begin(), bytes.end()}; }

std::vector<std::uint8_t> bytes_of_ids(const std::vector<EntryId>& ids) {
  std::vector<std::uint8_t> bytes(8 * ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) store_be64(bytes.data() + 8 * i, ids[i].value);
  return bytes;
}

Status fill(const FeedMemory& memory, std::initializer_list<ByteView> pieces) {
  for (const auto piece : pieces) {
    if (auto status = write_feed(memory.fd(), piece); !status) return status;
  }
  return memory.seal();
}

}  // namespace

Result<EntriesMemory> join_entries(const std::string& program, const JoinRequest& request, const StopSignal& stop) {
  const auto base = request.archive->load(request.base);
  if (!base) return std::unexpected(base.error());
  const auto added = read_feed_bytes(request.added->fd(), std::numeric_limits<std::uint64_t>::max());
  if (!added) return std::unexpected(added.error());
  auto memory = FeedMemory::create();
  if (!memory) return std::unexpected(memory.error());
  if (auto status = fill(*memory, {base->stream, *added, bytes_of_ids(request.left_out)}); !status) {
    return std::unexpected(status.error());
  }
  auto joined = EntriesMemory::create();
  if (!joined) return joined;
  auto question = format_join_question({.base_bytes = base->stream.size(),
                                        .added_bytes = added->size(),
                                        .base_key = copy_of(base->data_key.bytes()),
                                        .added_key = copy_of(request.added->data_key()),
                                        .joined_key = copy_of(joined->data_key())});
  auto reply = run_child({.program = program,
                          .argument = kJoiningChildArgument,
                          .name = "joining",
                          .request = question,
                          .feed_fd = memory->fd(),
                          .allowance_ms = request.deadline_ms,
                          .max_reply = kMaxJoinReply,
                          .entries_fd = joined->fd()},
                         stop);
  wipe(question);  // keys stand in it
  if (!reply) return std::unexpected(reply.error());
  if (auto status = parse_join_reply(*reply); !status) return std::unexpected(status.error());
  if (auto status = joined->seal(); !status) return std::unexpected(status.error());
  return joined;
}

}  // namespace parapet::lists
