// SPDX-License-Identifier: Apache-2.0
// Which entries of a list stand for a URL that somebody asks about; the edge's semantics over the digested list.
#pragma once

#include <string>
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
  digest::Digest digest;
  std::uint32_t ends_s = 0;  // seconds since 1970; 0: never
};

// What a person who was stopped is given: 16 hexadecimal digits of the entry's digest. It tells nothing without the
// digest key, and is the same in every list.
std::string format_appeal_code(const digest::Digest& digest);
//   errors  invalid_argument
Result<std::uint64_t> parse_appeal_code(std::string_view text);
// The entries of a list with that code.
std::vector<Hit> look_up_appeal(const DigestedList& list, std::uint64_t code);

//   cost  a few binary searches
std::vector<Hit> look_up(const DigestedList& list, const canon::Entry& question, const digest::Key& key);

}  // namespace parapet::lists
