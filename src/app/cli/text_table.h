// SPDX-License-Identifier: Apache-2.0
// Rows of text in columns, for eyes.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

namespace parapet::cli {

enum class Align : std::uint8_t { left, right };

class TextTable {
 public:
  struct Column {
    std::string title;
    Align align = Align::left;
  };
  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // REQUIRES as many cells as columns. Bytes outside printable ASCII are written as \xHH, so that no terminal obeys
  // them.
  void add(std::vector<std::string> cells);
  bool empty() const noexcept { return rows_.empty(); }
  void print(std::ostream& out, std::string_view indent = "  ") const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

std::string printable(std::string_view text);
std::string with_thousands(std::uint64_t value);                  // "1,234,567"
std::string share_text(std::uint64_t part, std::uint64_t whole);  // "0.12 %"; "-" of nothing
std::string duration_text(std::uint64_t nanoseconds);             // "3.2 s", "4 h 05 min"
std::string time_text(std::uint64_t realtime_ns);                 // "2026-01-02 03:04:05 UTC"; "-" for 0

}  // namespace parapet::cli
