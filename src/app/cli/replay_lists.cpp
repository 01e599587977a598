// SPDX-License-Identifier: Apache-2.0
// Compiling list files for replay.
#include "app/cli/replay_lists.h"

#include <algorithm>
#include <set>

#include "base/clock.h"
#include "base/file.h"
#include "canon/host.h"
#include "canon/url.h"
#include "lists/compile/compile.h"
#include "lists/compile/digest_feed.h"
#include "lists/compile/entry_id.h"
#include "lists/compile/look_up.h"
#include "lists/fetch/fetch.h"
#include "lists/verify/verify.h"

namespace parapet::cli {
namespace {

constexpr std::size_t kMaxListFile = std::size_t{1} << 30;  // bytes

Result<lists::DigestedList> digest_file(const std::string& file, std::size_t number, const ListReading& reading,
                                        const digest::Key& key) {
  auto bytes = read_file(file, kMaxListFile);
  if (!bytes) return std::unexpected(bytes.error());
  const auto options = source_options("list-" + std::to_string(number), file, reading, *bytes);
  lists::RawFeed raw;
  raw.bytes = std::move(*bytes);
  raw.head.end_is_marked = true;  // by the file's length
  auto feed = lists::verify_feed(std::move(raw), {.max_size_bytes = kMaxListFile});
  if (!feed) return std::unexpected(feed.error().within(file));
  auto list = lists::digest_feed(*feed, options, key);
  if (!list) return std::unexpected(list.error().within(file));
  return std::move(list->list);
}

std::optional<canon::Entry> question_of(const AskedFor& asked) {
  canon::Entry question{canon::EntryKind::host, {}, 0, {}, {}};
  ByteView name = asked.host;
  if (asked.protocol == Protocol::http) {
    const auto authority = canon::split_authority(name, 80);
    if (!authority.ok) return std::nullopt;
    name = authority.host;
    question.port = authority.port == 80 ? std::uint16_t{0} : authority.port;
    canon::Target target;
    canon::canonicalise_target(asked.target, false, target);
    question.kind = canon::EntryKind::url;
    question.path = target.path();
    if (target.has_query) question.query = target.query();
  }
  canon::Host host;
  if (canon::canonicalise_host(name, host) != canon::HostOutcome::ok) return std::nullopt;
  question.host = host.view();
  return question;
}

}  // namespace

Result<ReplayLists> ReplayLists::load(const std::vector<std::string>& files, const ListReading& reading) {
  auto key = digest::StoredKey::random();
  if (!key) return std::unexpected(key.error());
  std::vector<std::shared_ptr<const lists::DigestedList>> lists;
  std::vector<lists::CompileInput> inputs;
  for (const auto& file : files) {
    auto list = digest_file(file, lists.size() + 1, reading, key->key());
    if (!list) return std::unexpected(list.error());
    lists.push_back(std::make_shared<lists::DigestedList>(std::move(*list)));
    inputs.push_back({config::SourceState::enforce, lists.back()});
  }
  // Made at no time at all: what has ended is told by the time of each frame.
  auto bytes = lists::compile_snapshot(inputs, key->key(), 1, snapshot::Moment{});
  if (!bytes) return std::unexpected(bytes.error().within("compiling the lists"));
  ReplayLists loaded(std::move(*key), std::move(*bytes));
  auto snapshot = snapshot::Snapshot::open(loaded.bytes_.view(), loaded.key());
  if (!snapshot) return std::unexpected(snapshot.error().within("opening the compiled lists"));
  loaded.snapshot_ = std::move(*snapshot);
  loaded.lists_ = std::move(lists);
  return loaded;
}

std::size_t ReplayLists::entry_count() const noexcept {
  std::size_t count = 0;
  for (const auto& list : lists_) count += list->entries.size();
  return count;
}

std::vector<std::string> ReplayLists::entries_of(const AskedFor& asked, std::span<const digest::Digest> matched) const {
  std::set<std::string> ids;
  if (matched.empty()) return {};
  if (const auto question = question_of(asked)) {
    for (const auto& list : lists_) {
      for (const auto& hit : lists::look_up(*list, *question, key())) ids.insert(lists::format_entry_id(hit.id));
    }
  }
  if (ids.empty()) {
    for (const auto& list : lists_) {
      for (const auto& entry : list->entries) {
        if (std::ranges::find(matched, entry.digest) != matched.end()) ids.insert(lists::format_entry_id({entry.id}));
      }
    }
  }
  return {ids.begin(), ids.end()};
}

}  // namespace parapet::cli
