// SPDX-License-Identifier: Apache-2.0
// Keeping sizes.
#include "lists/guard/size_history.h"

#include <algorithm>
#include <sstream>

#include "base/file.h"

namespace parapet::lists {
namespace {

constexpr std::size_t kMaxRecords = 1024;
constexpr std::size_t kMaxFile = 64 << 10;
constexpr std::uint64_t kSpanSeconds = 30 * 86'400;

std::uint64_t begin_of_span(Nanoseconds now_realtime_ns) {
  const std::uint64_t now = now_realtime_ns / kNanosecondsPerSecond;
  return now > kSpanSeconds ? now - kSpanSeconds : 0;
}

}  // namespace

SizeHistory::SizeHistory(std::string path) : path_(std::move(path)) {
  const auto bytes = read_file(path_, kMaxFile);
  if (!bytes) return;
  std::istringstream lines{std::string(text_of(*bytes))};
  Record record{};
  while (lines >> record.realtime_s >> record.entries) records_.push_back(record);
}

std::uint64_t SizeHistory::median(Nanoseconds now_realtime_ns) const {
  std::vector<std::uint64_t> sizes;
  for (const auto& record : records_) {
    if (record.realtime_s >= begin_of_span(now_realtime_ns)) sizes.push_back(record.entries);
  }
  if (sizes.empty()) return records_.empty() ? 0 : records_.back().entries;
  const auto middle = sizes.begin() + static_cast<std::ptrdiff_t>(sizes.size() / 2);
  std::ranges::nth_element(sizes, middle);
  return *middle;
}

Status SizeHistory::add(std::uint64_t entries, Nanoseconds now_realtime_ns) {
  records_.push_back({now_realtime_ns / kNanosecondsPerSecond, entries});
  std::erase_if(records_, [&](const auto& record) { return record.realtime_s < begin_of_span(now_realtime_ns); });
  if (records_.size() > kMaxRecords) records_.erase(records_.begin(), records_.end() - kMaxRecords);
  std::string text;
  for (const auto& record : records_) {
    text += std::to_string(record.realtime_s) + " " + std::to_string(record.entries) + "\n";
  }
  return replace_file(path_, bytes_of(text), 0600);
}

}  // namespace parapet::lists
