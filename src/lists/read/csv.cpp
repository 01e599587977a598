// SPDX-License-Identifier: Apache-2.0
// Format csv: RFC 4180 with any delimiter; a quoted field may hold delimiters, doubled quotes and line ends.
#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include "lists/read/format.h"
#include "lists/read/read.h"

namespace parapet::lists {
namespace {

constexpr std::size_t kMaxColumns = 256;

struct Row {
  std::size_t line = 0;
  std::vector<std::string> fields;
  const char* problem = nullptr;
};

// One row after the other; after a broken row it goes on at the next line end.
class RowReader {
 public:
  RowReader(std::string_view text, char delimiter) : text_(text), delimiter_(delimiter) {}

  bool at_end() const { return at_ >= text_.size(); }

  Row next() {
    Row row;
    row.line = line_;
    begin_ = at_;
    do {
      row.fields.emplace_back();
      if (row.fields.size() > kMaxColumns) return broken(std::move(row), "more than 256 columns");
      if (const char* problem = read_field(row.fields.back())) return broken(std::move(row), problem);
    } while (take_delimiter());
    take_line_end();
    return row;
  }

 private:
  bool peek(char c) const { return at_ < text_.size() && text_[at_] == c; }
  bool at_line_end() const {
    return at_end() || text_[at_] == '\n' || (text_[at_] == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n');
  }

  const char* read_field(std::string& field) {
    if (peek('"')) return read_quoted(field);
    while (!at_line_end() && !peek(delimiter_)) {
      if (peek('"')) return "a quote inside an unquoted field";
      if (too_long()) return "longer than 8192 bytes";
      field += text_[at_++];
    }
    return nullptr;
  }

  const char* read_quoted(std::string& field) {
    ++at_;
    for (;;) {
      if (at_end()) return "a quoted field without its closing quote";
      if (too_long()) return "longer than 8192 bytes";
      if (peek('"')) {
        ++at_;
        if (!peek('"')) break;
      } else if (peek('\n')) {
        ++line_;
      }
      field += text_[at_++];
    }
    return at_line_end() || peek(delimiter_) ? nullptr : "text behind a closing quote";
  }

  bool too_long() const { return at_ - begin_ > kMaxLine; }
  bool take_delimiter() {
    if (!peek(delimiter_)) return false;
    ++at_;
    return true;
  }
  void take_line_end() {
    if (peek('\r')) ++at_;
    if (peek('\n')) ++at_;
    ++line_;
  }
  Row broken(Row row, const char* problem) {
    row.problem = problem;
    while (!at_line_end()) ++at_;
    take_line_end();
    return row;
  }

  std::string_view text_;
  char delimiter_;
  std::size_t at_ = 0;
  std::size_t begin_ = 0;
  std::size_t line_ = 1;
};

const char* judge(const std::vector<std::string>& fields) {
  for (const auto& field : fields) {
    if (const char* problem = problem_of(field)) return problem;
  }
  return nullptr;
}

struct Columns {
  std::size_t value = 0;
  std::optional<std::size_t> kind, ends, operation, version, base;
  std::size_t last = 0;
};

Result<std::size_t> find_column(const std::vector<std::string>& header, const std::string& name) {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < header.size(); ++i) {
    if (trim(header[i]) != name) continue;
    if (found) return fail(ErrorCode::malformed, "line 1: two columns are named " + name);
    found = i;
  }
  if (!found) return fail(ErrorCode::malformed, "line 1: no column is named " + name);
  return *found;
}

std::size_t column_number(const std::string& text) {
  std::size_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number == 0 ? 0 : number - 1;
}

// Where the header, or its number, says that a column stands.
Result<Columns> find_columns(RowReader& reader, const config::CsvOptions& csv) {
  Row header;
  if (csv.header) {
    if (reader.at_end()) return fail(ErrorCode::malformed, "the header row is missing");
    header = reader.next();
    if (header.problem != nullptr) return fail(ErrorCode::malformed, std::string("line 1: ") + header.problem);
  }
  const auto find = [&](const std::string& name) -> Result<std::size_t> {
    if (csv.header) return find_column(header.fields, name);
    return column_number(name);
  };
  Columns columns;
  const std::array<std::pair<const std::string*, std::optional<std::size_t>*>, 5> optional{
      {{&csv.kind_column, &columns.kind},
       {&csv.ends_column, &columns.ends},
       {&csv.operation_column, &columns.operation},
       {&csv.version_column, &columns.version},
       {&csv.base_column, &columns.base}}};
  const auto value = find(csv.value_column);
  if (!value) return std::unexpected(value.error());
  columns.value = columns.last = *value;
  for (const auto& [name, column] : optional) {
    if (name->empty()) continue;
    const auto found = find(*name);
    if (!found) return std::unexpected(found.error());
    *column = *found;
    columns.last = std::max(columns.last, *found);
  }
  return columns;
}

// REQUIRES  the row has all columns
FeedRow row_of(const Row& row, const Columns& columns) {
  FeedRow taken{.line = row.line, .value = trim(row.fields[columns.value])};
  if (columns.kind) taken.kind = trim(row.fields[*columns.kind]);
  if (columns.ends) taken.ends = trim(row.fields[*columns.ends]);
  if (columns.operation) taken.operation = trim(row.fields[*columns.operation]);
  if (columns.version) taken.version = trim(row.fields[*columns.version]);
  if (columns.base) taken.base = trim(row.fields[*columns.base]);
  return taken;
}

}  // namespace

Status read_csv(ByteView feed, const config::SourceOptions& source, RowSink& sink) {
  RowReader reader(text_of(feed), source.csv.delimiter);
  auto columns = find_columns(reader, source.csv);
  if (!columns) return std::unexpected(columns.error());
  while (!reader.at_end()) {
    const Row row = reader.next();
    const bool blank = row.problem == nullptr && row.fields.size() == 1 && trim(row.fields[0]).empty();
    if (blank) continue;
    const char* problem = row.problem != nullptr ? row.problem : judge(row.fields);
    if (problem != nullptr) {
      sink.refuse(row.line, problem);
    } else if (row.fields.size() <= columns->last) {
      sink.refuse(row.line, "too few columns");
    } else {
      sink.take(row_of(row, *columns));
    }
  }
  return {};
}

}  // namespace parapet::lists
