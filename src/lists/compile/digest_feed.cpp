// SPDX-License-Identifier: Apache-2.0
// read → canonicalise → guard → digest.
#include "lists/compile/digest_feed.h"

#include "base/secret.h"
#include "lists/compile/entry_id.h"
#include "lists/guard/guard.h"
#include "lists/read/read.h"

namespace parapet::lists {

Result<DigestedList> digest_feed(const VerifiedFeed& feed, const config::SourceOptions& source, const digest::Key& key,
                                 const EntryVisitor& visit) {
  DigestedList list;
  list.name = source.name;
  list.etag = feed.etag();
  list.last_modified = feed.last_modified();
  list.last_modified_realtime_ns = feed.last_modified_realtime_ns();
  if (const auto& statement = feed.statement()) {
    list.signed_order = {statement->realtime_ns, statement->sequence ? *statement->sequence + 1 : 0};
    list.signing_key = statement->key_id;
  }
  const EntryIds ids(key, source.name);
  const auto take = [&](FeedEntry read) -> Status {
    auto& entry = read.entry;
    if (auto status = guard_entry(entry); !status) return status;
    if (list.entries.size() > kMaxEntries) return {};  // guard_list will refuse it; no need to hold more
    const EntryId id = ids.id_of(entry);
    if (visit) visit(entry, id);
    list.entries.push_back(digest::digest_entry(key, entry, id.value));
    list.entries.back().ends_s = read.ends_s;
    wipe(entry.host.data(), entry.host.size());
    wipe(entry.path.data(), entry.path.size());
    wipe(entry.query.data(), entry.query.size());
    return {};
  };
  const auto reading = read_feed(feed, source, take);
  if (!reading) return std::unexpected(reading.error());
  list.unenforceable = reading->unenforceable;
  const bool may_be_empty = source.allow_empty || list.signed_order.is_signed();
  if (auto status = guard_list(list.entries.size(), may_be_empty); !status) return std::unexpected(status.error());
  sort_entries(list.entries);
  return list;
}

}  // namespace parapet::lists
