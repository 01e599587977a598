// SPDX-License-Identifier: Apache-2.0
// From one line of a list to one canonical thing to stop; the list's road alone (it allocates).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace parapet::canon {

// What an entry means. The numbers stand in files: never reuse one.
enum class EntryKind : std::uint8_t {
  host = 1,          // this name only
  domain = 2,        // this name and all below it
  url = 3,           // exactly this URL
  prefix = 4,        // this URL and all below it: "/a" covers /a, /a/b, /a?q, not /ab
  prefix_below = 5,  // a prefix written with a final slash: "/a/" covers /a/ and /a/b, not /a
};

std::string_view name_of(EntryKind kind) noexcept;  // "host" ...; prefix_below is "prefix" too

// One canonical entry, in clear: lives in the reading child only.
struct Entry {
  EntryKind kind;
  std::string host;        // canonical
  std::uint16_t port;      // url kinds; 80 and 443 as a scheme's default become 0, "any default port"
  std::string path;        // url kinds; canonical, begins with '/'
  std::string query;       // url alone; empty: none
  std::uint64_t line = 0;  // where its feed has it (FeedRow); 0: in none
};

// How a source's entries without an explicit kind are read.
struct EntryRules {
  EntryKind bare_host = EntryKind::host;  // host | domain
  EntryKind with_path = EntryKind::url;   // url | prefix
};

// Reads "name", "http://name/path", "name/path" as a browser would read them (WHATWG URL §4.4). A URL whose path is "/"
// or empty and that has no query is a URL entry for "/" only when a scheme or a slash is written; a bare name is a host
// or domain entry.
//   explicit_kind  overrides the rules, or nullptr
//   errors  malformed: says what is wrong, never the text itself
Result<Entry> parse_entry(std::string_view text, const EntryRules& rules, const EntryKind* explicit_kind = nullptr);

// The canonical form as text, e.g. for keyed entry ids: "host:name", "url:name:port/path?query".
std::string canonical_text(const Entry& entry);

}  // namespace parapet::canon
