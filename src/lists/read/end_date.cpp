// SPDX-License-Identifier: Apache-2.0
// Reading RFC 3339 dates.
#include "lists/read/end_date.h"

#include <chrono>
#include <limits>
#include <optional>

namespace parapet::lists {
namespace {

// Takes fields of fixed width off a text; the first that does not fit ends it all.
class DateReader {
 public:
  explicit DateReader(std::string_view text) : rest_(text) {}

  unsigned number(std::size_t digits, unsigned max) {
    unsigned value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (rest_.empty() || !is_digit(rest_.front())) return broken();
      value = value * 10 + static_cast<unsigned>(rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    return value <= max ? value : broken();
  }
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void mark(char c) {
    if (!take(c)) broken();
  }
  void fraction() {
    if (!take('.')) return;
    number(1, 9);
    while (!rest_.empty() && is_digit(rest_.front())) rest_.remove_prefix(1);
  }
  // East of UTC.
  int offset_minutes() {
    if (take('Z')) return 0;
    const bool is_west = take('-');
    if (!is_west) mark('+');
    const unsigned hours = number(2, 23);
    mark(':');
    const auto minutes = static_cast<int>(hours * 60 + number(2, 59));
    return is_west ? -minutes : minutes;
  }
  bool at_end() const { return rest_.empty(); }
  bool whole() const { return good_ && rest_.empty(); }

 private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  unsigned broken() {
    good_ = false;
    return 0;
  }

  std::string_view rest_;
  bool good_ = true;
};

std::optional<std::int64_t> seconds_of(std::string_view text) {
  DateReader reader(text);
  const auto year = std::chrono::year(static_cast<int>(reader.number(4, 9999)));
  reader.mark('-');
  const auto month = std::chrono::month(reader.number(2, 12));
  reader.mark('-');
  const std::chrono::year_month_day date(year, month, std::chrono::day(reader.number(2, 31)));
  std::int64_t minutes = 0, seconds = 0;
  if (!reader.at_end()) {
    reader.mark('T');
    minutes = std::int64_t{reader.number(2, 23)} * 60;
    reader.mark(':');
    minutes += reader.number(2, 59);
    reader.mark(':');
    seconds = reader.number(2, 59);
    reader.fraction();
    minutes -= reader.offset_minutes();
  }
  if (!reader.whole() || !date.ok()) return std::nullopt;
  return std::int64_t{std::chrono::sys_days(date).time_since_epoch().count()} * 86'400 + minutes * 60 + seconds;
}

}  // namespace

Result<std::uint32_t> parse_end(std::string_view text) {
  if (text.empty()) return 0;
  const auto seconds = seconds_of(text);
  if (!seconds) return fail(ErrorCode::malformed, "its end is no date, nor a date and time with its offset (RFC 3339)");
  if (*seconds <= 0) return fail(ErrorCode::malformed, "its end lies before 1970");
  if (*seconds > std::numeric_limits<std::uint32_t>::max()) return 0;
  return static_cast<std::uint32_t>(*seconds);
}

}  // namespace parapet::lists
