// SPDX-License-Identifier: Apache-2.0
// Columns and figures as text.
#include "app/cli/text_table.h"

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "base/clock.h"

namespace parapet::cli {
namespace {

template <typename... Values>
std::string format(const char* pattern, Values... values) {
  char text[64];
  const int length = std::snprintf(text, sizeof text, pattern, values...);
  return {text, static_cast<std::size_t>(std::clamp(length, 0, static_cast<int>(sizeof text) - 1))};
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c >= 0x20 && c < 0x7f) {
      out += c;
    } else {
      out += format("\\x%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
  }
  return out;
}

void TextTable::add(std::vector<std::string> cells) {
  for (auto& cell : cells) cell = printable(cell);
  rows_.push_back(std::move(cells));
}

void TextTable::print(std::ostream& out, std::string_view indent) const {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t width = columns_[i].title.size();
    for (const auto& row : rows_) width = std::max(width, row[i].size());
    widths.push_back(width);
  }
  const auto print_row = [&](const auto& cell_of) {
    std::string line(indent);
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::string& cell = cell_of(i);
      const std::string pad(widths[i] - cell.size(), ' ');
      if (i > 0) line += "  ";
      line += columns_[i].align == Align::right ? pad + cell : cell + pad;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << '\n';
  };
  print_row([&](std::size_t i) -> const std::string& { return columns_[i].title; });
  for (const auto& row : rows_) print_row([&](std::size_t i) -> const std::string& { return row[i]; });
}

std::string with_thousands(std::uint64_t value) {
  std::string text = std::to_string(value);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, 1, ',');
  return text;
}

std::string share_text(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return "-";
  return format("%.2f %%", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

std::string duration_text(std::uint64_t nanoseconds) {
  const double seconds = static_cast<double>(nanoseconds) / 1e9;
  const std::uint64_t minutes = nanoseconds / kNanosecondsPerSecond / 60;
  if (seconds < 1) return format("%.0f ms", seconds * 1e3);
  if (minutes < 2) return format("%.1f s", seconds);
  if (minutes < 120) return format("%u min", static_cast<unsigned>(minutes));
  if (minutes < 48 * 60)
    return format("%u h %02u min", static_cast<unsigned>(minutes / 60), static_cast<unsigned>(minutes % 60));
  return format("%u days", static_cast<unsigned>(minutes / 1440));
}

std::string time_text(std::uint64_t realtime_ns) {
  if (realtime_ns == 0) return "-";
  const auto seconds = static_cast<std::time_t>(realtime_ns / kNanosecondsPerSecond);
  std::tm broken{};
  ::gmtime_r(&seconds, &broken);
  char text[32];
  const std::size_t length = std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &broken);
  return {text, length};
}

}  // namespace parapet::cli
