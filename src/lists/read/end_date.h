// SPDX-License-Identifier: Apache-2.0
// When an entry ends, as a list says it.  RFC 3339 §5.6
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace parapet::lists {

// Reads a date, "2027-03-31", which is the beginning of that day in UTC, or a date and time with its offset,
// "2027-03-31T23:59:59Z", "2027-03-31T23:59:59.5+02:00"; T and Z are capital, a fraction of a second counts nothing.
//   out     seconds since 1970; 0: none, because the text is empty, or says a time after 2106-02-07T06:28:15Z, which no
//           snapshot can tell
//   errors  malformed: anything else, days that no calendar has, leap seconds, and what lies before 1970; never repeats
//           the text
Result<std::uint32_t> parse_end(std::string_view text);

}  // namespace parapet::lists
