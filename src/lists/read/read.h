// SPDX-License-Identifier: Apache-2.0
// From a verified feed to canonical entries, in one of the formats of this folder.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "canon/entry.h"
#include "config/control_options.h"
#include "lists/read/feed_place.h"
#include "lists/verify/verify.h"

namespace parapet::lists {

inline constexpr std::size_t kMaxLine = 8 << 10;  // bytes of one line or row

// One entry and what its feed says of it.
struct FeedEntry {
  canon::Entry entry;
  std::uint32_t ends_s = 0;  // its own legal end, seconds since 1970; 0: none
  bool is_removed = false;   // of an increment: its base is to lose the entry
};

// Takes one entry; an error refuses its line.
using EntrySink = std::function<Status(FeedEntry)>;

struct FeedReading {
  // Rules that no entry stands for, because Parapet cannot do what they ask, and lines that cannot be read.
  std::uint64_t unenforceable = 0;
  FeedPlace place{};  // of sources that send increments
};

// Unpacks it, makes UTF-8 of it, reads every line, then refuses the whole feed if more lines were wrong than
// max_wrong_lines, by default any: nothing is dropped silently. The error counts the wrong lines and names the first
// few by number and reason, never by their text.
// Of a source that sends increments each row says what is done with its entry, and the document where it belongs.
//   errors  malformed · limit (unpacked size)
Result<FeedReading> read_feed(const VerifiedFeed& feed, const config::SourceOptions& source, const EntrySink& sink);

}  // namespace parapet::lists
