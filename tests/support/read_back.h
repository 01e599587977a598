// SPDX-License-Identifier: Apache-2.0
// The entries of a feed as canonical text, and the error where there is one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lists/read/read.h"
#include "verified_feed.h"

namespace parapet::support {

struct ReadBack {
  std::vector<std::string> entries;
  std::string error;
  std::uint64_t unenforceable = 0;
};

inline ReadBack read_back(std::string_view text, const config::SourceOptions& source = {}) {
  ReadBack back;
  const auto feed = verified(text);
  const auto reading = lists::read_feed(feed, source, [&](lists::FeedEntry read) -> Status {
    back.entries.push_back(canon::canonical_text(read.entry));
    if (read.ends_s != 0) back.entries.back() += " until " + std::to_string(read.ends_s);
    return {};
  });
  if (reading) back.unenforceable = reading->unenforceable;
  if (!reading) back.error = reading.error().context;
  return back;
}

}  // namespace parapet::support
