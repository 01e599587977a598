// SPDX-License-Identifier: Apache-2.0
// Where a document stands among those of a source that sends increments: its number, and that of its base.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace parapet::lists {

struct FeedPlace {
  std::uint64_t version = 0;          // what the list is, with this document applied; grows, 1 or more
  std::optional<std::uint64_t> base;  // the version that it applies to; none: it is the whole list
};

// Takes the same place from each row, or one for the whole document.
class PlaceReader {
 public:
  // A number is decimal, of 1..2^63-1, without sign and leading zeros.
  //   base    empty: none
  //   errors  malformed: no number, a base that is not before its version, another place than before
  Status say(std::string_view version, std::string_view base);
  // What each row's operation is: "add", "remove", or nothing, which adds.
  //   out     whether it removes
  //   errors  malformed
  Result<bool> operation(std::string_view word);

  bool is_increment() const noexcept { return place_ && place_->base; }
  //   errors  malformed: no place was said; a whole list with removals; an increment with rows without operation
  Result<FeedPlace> finish() const;

 private:
  std::optional<FeedPlace> place_;
  std::uint64_t removals_ = 0;
  std::uint64_t without_operation_ = 0;
};

}  // namespace parapet::lists
