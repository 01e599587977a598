// SPDX-License-Identifier: Apache-2.0
// What a format of this folder is: one function in one file, named in read.cpp's table.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/text_lines.h"
#include "config/control_options.h"
#include "lists/read/feed_place.h"

namespace parapet::lists {

// One thing to stop as the feed spells it.
struct FeedRow {
  std::size_t line;                        // from 1, where the row begins; json: the item's number
  std::string_view value;                  // trimmed; valid during the call
  std::optional<std::string_view> kind{};  // where the format has one
  std::string_view ends{};                 // trimmed (end_date.h); empty: none
  // Of sources that send increments (feed_place.h); trimmed.
  std::string_view operation{};
  std::optional<std::string_view> version{};  // where each row says it, with its base
  std::string_view base{};
};

// Judges rows as they come and keeps count of the wrong ones.
class RowSink {
 public:
  using Take = std::function<Status(const FeedRow&)>;
  RowSink(Take take, PlaceReader& place) : take_(std::move(take)), place_(&place) {}

  void take(const FeedRow& row) {
    if (auto status = take_(row); !status) refuse(row.line, status.error().context);
  }
  void refuse(std::size_t line, std::string_view reason);
  // Where the whole document stands; of formats whose rows do not say it.
  Status say_place(std::string_view version, std::string_view base) { return place_->say(version, base); }
  // What the source asks for and Parapet cannot do, and does not do otherwise either.
  void count_unenforceable(std::uint64_t rules) noexcept { unenforceable_ += rules; }
  std::uint64_t unenforceable() const noexcept { return unenforceable_; }
  std::uint64_t refused() const noexcept { return refused_; }
  Status finish(std::uint64_t allowed = 0) const;  // malformed, where more was refused

 private:
  Take take_;
  PlaceReader* place_;
  std::size_t refused_ = 0;
  std::uint64_t unenforceable_ = 0;
  std::string first_reasons_;
};

// One line without its end: CR LF or LF. Limits are those of every format: kMaxLine bytes, UTF-8, no control characters
// but the tab.
struct Line {
  std::size_t number;
  std::string_view text;
};
// Walks the lines that keep the limits; the others go to the sink as refused.
void walk_lines(ByteView feed, RowSink& sink, const std::function<void(const Line&)>& visit);

bool is_utf8(std::string_view text);
// What makes a line or field of any format unusable: its length, control characters but the tab, not being UTF-8.
//   out  for people, never repeating the text; nullptr: nothing
const char* problem_of(std::string_view text);

// A format reads the whole feed, UTF-8 without a byte order mark; an error of its own (e.g. a missing column) refuses
// all of it.
using ReadFormat = Status (*)(ByteView feed, const config::SourceOptions& source, RowSink& sink);
Status read_plain(ByteView feed, const config::SourceOptions& source, RowSink& sink);
Status read_csv(ByteView feed, const config::SourceOptions& source, RowSink& sink);
Status read_hosts(ByteView feed, const config::SourceOptions& source, RowSink& sink);
Status read_json(ByteView feed, const config::SourceOptions& source, RowSink& sink);
Status read_jsonl(ByteView feed, const config::SourceOptions& source, RowSink& sink);
Status read_rpz(ByteView feed, const config::SourceOptions& source, RowSink& sink);

}  // namespace parapet::lists
