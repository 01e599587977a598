// SPDX-License-Identifier: Apache-2.0
// The log of the daemons: one JSON object a line on stderr, only events and fields that docs/schema.json names.
//
// There is no free text and no field that could hold a subscriber's address or a listed name: a field has a name from
// docs/schema.json and a value of one of the kinds below. The system tests hold every line against the schema.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/json_line.h"
#include "base/result.h"

namespace parapet {

enum class LogLevel : std::uint8_t { debug, info, warn, error };

// Takes "debug", "info", "warn" or "error".
Result<LogLevel> parse_log_level(std::string_view name);

struct LogField {
  std::string_view name;
  LineValue value;
};

// Opens the log of this process; `program` stands in every line. Until then log_event writes nothing.
void open_log(std::string_view program, LogLevel level);
void set_log_level(LogLevel level);

// Writes one line {"time","level","program","event",fields...}.  thread: any but workers (it allocates and may block)
void log_event(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});

// An error that reached the top: event "error" with code and context.
void log_error(std::string_view event, const Error& error);

}  // namespace parapet
