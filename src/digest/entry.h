// SPDX-License-Identifier: Apache-2.0
// The one digest by which an entry is found, and the marks it leaves in the filter.
#pragma once

#include <string_view>

#include "canon/entry.h"
#include "digest/name.h"

namespace parapet::digest {

// An entry without its name: all that leaves the reading child.
struct DigestedEntry {
  Digest digest;           // host kinds: of the host; url kinds: of host, port, path (and query)
  std::uint64_t line;      // low half of the digest of the last two labels: chooses the filter's line
  std::uint64_t url_mark;  // url kinds: low half of the digest that marks "this host has URLs"; else 0
  std::uint64_t id;        // EntryId
  canon::EntryKind kind;
  std::uint32_t ends_s = 0;  // its own legal end, seconds since 1970; 0: none
  friend bool operator==(const DigestedEntry&, const DigestedEntry&) = default;
};

//   cost  one pass;  thread: any
DigestedEntry digest_entry(const Key& key, const canon::Entry& entry, std::uint64_t id) noexcept;

}  // namespace parapet::digest
