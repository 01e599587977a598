// SPDX-License-Identifier: Apache-2.0
// Formats json and jsonl: where the items stand and what of each is the entry is told by JSON Pointers.  RFC 8259, RFC
// 6901
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/json_pointer.h"
#include "lists/read/format.h"
#include "lists/read/read.h"

namespace parapet::lists {
namespace {

using nlohmann::json;
using Tokens = std::vector<std::string>;

constexpr std::size_t kMaxDepth = 32;

// Reads events as they come, so that no tree of the whole list is built.
class ItemReader final : public json::json_sax_t {
 public:
  //   is_lines  each text is an item, and says where it stands
  ItemReader(const config::JsonOptions& options, bool is_lines, RowSink& sink)
      : entries_(config::pointer_tokens(options.entries)),
        value_(config::pointer_tokens(options.value)),
        kind_(config::pointer_tokens(options.kind)),
        ends_(config::pointer_tokens(options.ends)),
        operation_(config::pointer_tokens(options.operation)),
        version_(config::pointer_tokens(options.version)),
        base_(config::pointer_tokens(options.base)),
        has_kind_(!options.kind.empty()),
        has_ends_(!options.ends.empty()),
        has_place_(!options.version.empty()),
        is_lines_(is_lines),
        sink_(sink) {}

  // json: the items are those of the array at `entries`.
  Status read_document(std::string_view text) {
    if (!json::sax_parse(text, this)) return fail(ErrorCode::malformed, problem_);
    if (!found_) return fail(ErrorCode::malformed, "there is no array at json.entries");
    if (!has_place_ || !version_text_) return {};
    return sink_.say_place(trim(*version_text_), trim(base_text_.value_or("")));
  }
  // jsonl: the text is one item.
  void read_line(const Line& line) {
    inside_ = true;
    number_ = line.number - 1;
    levels_.clear();
    problem_.clear();
    version_text_.reset();
    base_text_.reset();
    if (!json::sax_parse(line.text, this)) sink_.refuse(line.number, problem_);
  }

  bool null() override { return scalar({.is_null = true}); }
  bool boolean(bool) override { return scalar({}); }
  bool number_integer(std::int64_t) override { return scalar({}); }
  bool number_unsigned(std::uint64_t number) override {
    const std::string digits = std::to_string(number);
    return scalar({.digits = digits});
  }
  bool number_float(double, const std::string&) override { return scalar({}); }
  bool binary(json::binary_t&) override { return scalar({}); }
  bool string(std::string& text) override { return scalar({.text = text}); }

  bool start_object(std::size_t) override { return open(false); }
  bool key(std::string& name) override {
    levels_.back().key = name;
    return true;
  }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override {
    const bool is_entries = !inside_ && at(entries_, 0);
    if (is_entries && found_) return broken("there are two arrays at json.entries");
    if (!open(true)) return false;
    if (is_entries) {
      found_ = inside_ = true;
      items_depth_ = levels_.size();
    }
    return true;
  }
  bool end_array() override {
    if (inside_ && found_ && levels_.size() == items_depth_) inside_ = false;
    return close();
  }
  bool parse_error(std::size_t position, const std::string&, const json::exception&) override {
    return broken("is no JSON from byte " + std::to_string(position) + " on");
  }

 private:
  struct Scalar {
    std::optional<std::string_view> text{};    // of a string
    std::optional<std::string_view> digits{};  // of a number that is none but these
    bool is_null = false;
  };
  struct Level {
    bool is_array;
    std::string key;
  };

  bool broken(std::string why) {
    if (problem_.empty()) problem_ = std::move(why);
    return false;
  }

  // Whether the keys from level `from` on are these.
  bool at(const Tokens& tokens, std::size_t from) const {
    if (levels_.size() != from + tokens.size()) return false;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      if (levels_[from + i].is_array || levels_[from + i].key != tokens[i]) return false;
    }
    return true;
  }
  bool is_item() const { return inside_ && levels_.size() == items_depth_; }

  bool open(bool is_array) {
    if (levels_.size() == kMaxDepth) return broken("is nested deeper than 32");
    if (is_item()) begin_item();
    levels_.push_back({is_array, {}});
    return true;
  }
  bool close() {
    levels_.pop_back();
    if (is_item()) end_item();
    return true;
  }
  bool scalar(const Scalar& said) {
    if (has_place_ && inside_ == is_lines_ && !take_place(said)) return false;
    if (!inside_) return true;
    const bool alone = is_item();
    if (alone) begin_item();
    if (at(value_, items_depth_)) take(value_text_, said.text);
    if (has_kind_ && at(kind_, items_depth_)) take(kind_text_, said.text);
    if (has_ends_ && at(ends_, items_depth_)) take(ends_text_, said.is_null ? "" : said.text);
    if (has_place_ && at(operation_, items_depth_)) take(operation_text_, said.text);
    if (alone) end_item();
    return true;
  }
  // The version and base of the document, or of an item of jsonl.
  bool take_place(const Scalar& said) {
    for (const auto& [place, field] : {std::pair(&version_, &version_text_), {&base_, &base_text_}}) {
      if (!at(*place, 0)) continue;
      if (*field) return broken("says its version or base twice");
      if (!said.is_null && !said.text && !said.digits) return broken("says a version or base that is no number");
      *field = std::string(said.text ? *said.text : said.digits.value_or(""));
    }
    return true;
  }

  void begin_item() {
    ++number_;
    value_text_.reset();
    kind_text_.reset();
    ends_text_.reset();
    operation_text_.reset();
    item_problem_ = nullptr;
  }
  void take(std::optional<std::string>& field, std::optional<std::string_view> text) {
    if (field) {
      item_problem_ = "says a field twice";
    } else if (!text) {
      item_problem_ = "has a field that is no string";
    } else {
      field = std::string(*text);
    }
  }
  void end_item() {
    if (item_problem_ != nullptr) return sink_.refuse(number_, item_problem_);
    if (!value_text_) return sink_.refuse(number_, "has nothing at json.value");
    if (has_kind_ && !kind_text_) return sink_.refuse(number_, "has nothing at json.kind");
    FeedRow row{.line = number_, .value = trim(*value_text_)};
    if (has_kind_) row.kind = trim(*kind_text_);
    if (ends_text_) row.ends = trim(*ends_text_);
    if (operation_text_) row.operation = trim(*operation_text_);
    if (has_place_ && is_lines_) {
      row.version = version_text_ ? trim(*version_text_) : "";
      row.base = base_text_ ? trim(*base_text_) : "";
    }
    sink_.take(row);
  }

  Tokens entries_, value_, kind_, ends_, operation_, version_, base_;
  bool has_kind_, has_ends_, has_place_, is_lines_;
  RowSink& sink_;
  std::vector<Level> levels_;
  std::size_t items_depth_ = 0;
  bool inside_ = false;  // what comes is an item or part of one
  bool found_ = false;   // the array of a document
  std::size_t number_ = 0;
  std::optional<std::string> value_text_, kind_text_, ends_text_, operation_text_;
  std::optional<std::string> version_text_, base_text_;
  const char* item_problem_ = nullptr;
  std::string problem_;
};

}  // namespace

Status read_json(ByteView feed, const config::SourceOptions& source, RowSink& sink) {
  return ItemReader(source.json, false, sink).read_document(text_of(feed));
}

Status read_jsonl(ByteView feed, const config::SourceOptions& source, RowSink& sink) {
  ItemReader items(source.json, true, sink);
  walk_lines(feed, sink, [&](const Line& line) {
    if (!trim(line.text).empty()) items.read_line(line);
  });
  return {};
}

}  // namespace parapet::lists
