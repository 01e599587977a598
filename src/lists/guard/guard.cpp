// SPDX-License-Identifier: Apache-2.0
// Guards over entries and lists.
#include "lists/guard/guard.h"

#include "canon/host.h"

namespace parapet::lists {

Status guard_entry(const canon::Entry& entry) {
  canon::Host host;
  if (canon::canonicalise_host(bytes_of(entry.host), host) != canon::HostOutcome::ok) {
    return fail(ErrorCode::malformed, "host is not canonical");
  }
  if (entry.kind != canon::EntryKind::host && entry.kind != canon::EntryKind::domain) return {};
  if (host.is_address) return fail(ErrorCode::refused, "an IP address cannot be a host or domain entry");
  if (!host.view().contains('.')) return fail(ErrorCode::refused, "a single label cannot be a host or domain entry");
  return {};
}

Status guard_list(std::size_t entry_count, bool may_be_empty) {
  if (entry_count > kMaxEntries) {
    return fail(ErrorCode::limit, "the list has " + std::to_string(entry_count) + " entries; at most " +
                                      std::to_string(kMaxEntries) + " are taken");
  }
  if (entry_count == 0 && !may_be_empty) {
    return fail(ErrorCode::refused, "the list is empty, is not signed, and allow_empty is false");
  }
  return {};
}

}  // namespace parapet::lists
