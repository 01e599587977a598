// SPDX-License-Identifier: Apache-2.0
// The number an entry goes by in logs, audit and answers: keyed, so that nobody can try names against it.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "canon/entry.h"
#include "digest/key.h"

namespace parapet::lists {

// Gives the same id to the same canonical entry of the same list, under one digest key.
class EntryIds {
 public:
  EntryIds(const digest::Key& key, std::string_view list_name) noexcept;
  EntryId id_of(const canon::Entry& entry) const noexcept;

 private:
  std::array<unsigned char, 32> key_;  // BLAKE2b of the list's name under the digest key
};

std::string format_entry_id(EntryId id);  // 16 hexadecimal digits

//   errors  invalid_argument
Result<EntryId> parse_entry_id(std::string_view text);

// Those of the first 1,000 entries, with blanks between.
std::string format_entry_ids(std::span<const EntryId> ids);

}  // namespace parapet::lists
