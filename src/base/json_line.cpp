// SPDX-License-Identifier: Apache-2.0
// JSON text and numbers.
#include "base/json_line.h"

#include <charconv>
#include <cmath>
#include <cstdio>

namespace parapet {
namespace {

struct AppendValue {
  std::string& line;
  void operator()(std::uint64_t v) const { line += std::to_string(v); }
  void operator()(double v) const {
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof digits, v).ptr;
    line += std::isfinite(v) ? std::string_view(digits, static_cast<std::size_t>(end - digits)) : "null";
  }
  void operator()(bool v) const { line += v ? "true" : "false"; }
  void operator()(std::string_view v) const { append_json_text(line, v); }
};

}  // namespace

void append_json_text(std::string& line, std::string_view text) {
  line += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7f || c == '"' || c == '\\') {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04x", byte);
      line += escaped;
    } else {
      line += c;
    }
  }
  line += '"';
}

void append_json_value(std::string& line, const LineValue& value) { std::visit(AppendValue{line}, value); }

void append_json_field(std::string& line, std::string_view name, const LineValue& value) {
  line += ',';
  append_json_text(line, name);
  line += ':';
  append_json_value(line, value);
}

}  // namespace parapet
