// SPDX-License-Identifier: Apache-2.0
// JSON lines through spdlog.
#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <memory>

namespace parapet {
namespace {

std::shared_ptr<spdlog::logger> logger;
std::string program_name;

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return spdlog::level::debug;
    case LogLevel::info: return spdlog::level::info;
    case LogLevel::warn: return spdlog::level::warn;
    case LogLevel::error: return spdlog::level::err;
  }
  return spdlog::level::info;
}

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return "debug";
    case LogLevel::info: return "info";
    case LogLevel::warn: return "warn";
    case LogLevel::error: return "error";
  }
  return "info";
}

}  // namespace

Result<LogLevel> parse_log_level(std::string_view name) {
  for (const auto level : {LogLevel::debug, LogLevel::info, LogLevel::warn, LogLevel::error}) {
    if (name == name_of(level)) return level;
  }
  return fail(ErrorCode::invalid_argument, "log level must be debug, info, warn or error");
}

void open_log(std::string_view program, LogLevel level) {
  program_name = program;
  logger = std::make_shared<spdlog::logger>("parapet", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern("%v");
  logger->set_level(to_spdlog(level));
  logger->flush_on(spdlog::level::debug);
}

void set_log_level(LogLevel level) {
  if (logger) logger->set_level(to_spdlog(level));
}

void log_event(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (!logger || !logger->should_log(to_spdlog(level))) return;
  const auto now = std::chrono::system_clock::now();
  std::string line = "{\"time\":";
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count();
  line += fmt::format("{}.{:06}", micros / 1000000, micros % 1000000);
  append_json_field(line, "level", name_of(level));
  append_json_field(line, "program", program_name);
  append_json_field(line, "event", event);
  for (const auto& field : fields) append_json_field(line, field.name, field.value);
  line += '}';
  logger->log(to_spdlog(level), "{}", line);
}

void log_error(std::string_view event, const Error& error) {
  log_event(LogLevel::error, event, {{"code", name_of(error.code)}, {"context", error.context}});
}

}  // namespace parapet
