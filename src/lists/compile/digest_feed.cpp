// SPDX-License-Identifier: Apache-2.0
// read → canonicalise → guard → digest.
#include "lists/compile/digest_feed.h"

#include "base/secret.h"
#include "lists/compile/entry_id.h"
#include "lists/guard/guard.h"
#include "lists/read/read.h"

namespace parapet::lists {

Result<GuardedList> digest_feed(const VerifiedFeed& feed, const config::SourceOptions& source, const digest::Key& key,
                                const EntryVisitor& visit) {
  GuardedList digested;
  DigestedList& list = digested.list;
  list.name = source.name;
  list.etag = feed.etag();
  list.last_modified = feed.last_modified();
  list.last_modified_realtime_ns = feed.last_modified_realtime_ns();
  if (const auto& statement = feed.statement()) {
    list.signed_order = {statement->realtime_ns, statement->sequence ? *statement->sequence + 1 : 0};
    list.signing_key = statement->key_id;
  }
  const EntryIds ids(key, source.name);
  Increment increment;
  const auto take = [&](FeedEntry read) -> Status {
    auto& entry = read.entry;
    if (auto status = guard_entry(entry); !status) return status;
    const bool is_full = list.entries.size() + increment.removed.size() > kMaxEntries;
    if (is_full) return {};  // guard_list will refuse it; no need to hold more
    const EntryId id = ids.id_of(entry);
    if (visit && !read.is_removed) visit(entry, id);
    auto& entries = read.is_removed ? increment.removed : list.entries;
    entries.push_back(digest::digest_entry(key, entry, id.value));
    if (!read.is_removed) entries.back().ends_s = read.ends_s;
    wipe(entry.host.data(), entry.host.size());
    wipe(entry.path.data(), entry.path.size());
    wipe(entry.query.data(), entry.query.size());
    return {};
  };
  const auto reading = read_feed(feed, source, take);
  if (!reading) return std::unexpected(reading.error());
  list.unenforceable = reading->unenforceable;
  list.place.version = reading->place.version;
  const bool may_be_empty = source.allow_empty || list.signed_order.is_signed() || reading->place.base;
  if (auto status = guard_list(list.entries.size() + increment.removed.size(), may_be_empty); !status) {
    return std::unexpected(status.error());
  }
  sort_entries(list.entries);
  if (!reading->place.base) return digested;
  sort_entries(increment.removed);
  increment.base = *reading->place.base;
  digested.increment = std::move(increment);
  return digested;
}

}  // namespace parapet::lists
