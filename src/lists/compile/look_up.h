// SPDX-License-Identifier: Apache-2.0
// Which entries of a list stand for a URL that somebody asks about; the edge's semantics over the digested list.
#pragma once

#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "canon/entry.h"
#include "digest/key.h"
#include "lists/compile/digested_list.h"

namespace parapet::lists {

// A URL or bare host name, canonical. A bare name asks for host and domain entries alone.
//   errors  invalid_argument; never repeats the text
Result<canon::Entry> parse_question(std::string_view text);

struct Hit {
  EntryId id;
  canon::EntryKind kind;
  std::uint32_t ends_s = 0;  // seconds since 1970; 0: never
};

//   cost  a few binary searches
std::vector<Hit> look_up(const DigestedList& list, const canon::Entry& question, const digest::Key& key);

}  // namespace parapet::lists
