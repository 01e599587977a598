// SPDX-License-Identifier: Apache-2.0
// JSON lines through spdlog.
#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <cmath>
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

void append_quoted(std::string& line, std::string_view text) {
  line += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      line += '\\';
      line += c;
    } else if (byte < 0x20 || byte >= 0x7f) {
      line += fmt::format("\\u{:04x}", byte);
    } else {
      line += c;
    }
  }
  line += '"';
}

struct AppendValue {
  std::string& line;
  void operator()(std::uint64_t v) const { line += std::to_string(v); }
  void operator()(double v) const { line += std::isfinite(v) ? fmt::format("{}", v) : "null"; }
  void operator()(bool v) const { line += v ? "true" : "false"; }
  void operator()(std::string_view v) const { append_quoted(line, v); }
};

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
  line += ",\"level\":";
  append_quoted(line, name_of(level));
  line += ",\"program\":";
  append_quoted(line, program_name);
  line += ",\"event\":";
  append_quoted(line, event);
  for (const auto& field : fields) {
    line += ',';
    append_quoted(line, field.name);
    line += ':';
    std::visit(AppendValue{line}, field.value);
  }
  line += '}';
  logger->log(to_spdlog(level), "{}", line);
}

void log_error(std::string_view event, const Error& error) {
  log_event(LogLevel::error, event, {{"code", name_of(error.code)}, {"context", error.context}});
}

}  // namespace parapet
