// SPDX-License-Identifier: Apache-2.0
// Reading numbers of versions and operations.
#include "lists/read/feed_place.h"

#include <charconv>
#include <limits>
#include <string>

namespace parapet::lists {
namespace {

constexpr std::uint64_t kMaxVersion = std::numeric_limits<std::int64_t>::max();

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_number = error == std::errc{} && end == text.data() + text.size() && !text.starts_with('0');
  return is_number && number <= kMaxVersion ? std::optional(number) : std::nullopt;
}

}  // namespace

Status PlaceReader::say(std::string_view version, std::string_view base) {
  FeedPlace said;
  const auto number = number_of(version);
  if (!number) return fail(ErrorCode::malformed, "its version is no number of 1..2^63-1");
  said.version = *number;
  if (!base.empty()) {
    said.base = number_of(base);
    if (!said.base) return fail(ErrorCode::malformed, "its base is no number of 1..2^63-1");
    if (*said.base >= said.version) return fail(ErrorCode::malformed, "its base is not before its version");
  }
  if (!place_) place_ = said;
  if (place_->version != said.version || place_->base != said.base) {
    return fail(ErrorCode::malformed, "says another version or base than the lines before it");
  }
  return {};
}

Result<bool> PlaceReader::operation(std::string_view word) {
  if (word == "remove") {
    ++removals_;
    return true;
  }
  if (word.empty()) ++without_operation_;
  if (word.empty() || word == "add") return false;
  return fail(ErrorCode::malformed, "its operation is neither add nor remove");
}

Result<FeedPlace> PlaceReader::finish() const {
  if (!place_) return fail(ErrorCode::malformed, "it says no version, so nobody knows where it belongs");
  if (!place_->base && removals_ > 0)
    return fail(ErrorCode::malformed, "a whole list (without a base) removes nothing");
  if (place_->base && without_operation_ > 0) {
    return fail(ErrorCode::malformed,
                std::to_string(without_operation_) + " lines of an increment say neither add nor remove");
  }
  return *place_;
}

}  // namespace parapet::lists
