// SPDX-License-Identifier: Apache-2.0
// Writing flat JSON objects, one a line: for the log and the audit log.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace parapet {

// What a field can hold: numbers, truth and text. Nothing here can hold an address of a subscriber or a listed name
// but by somebody's putting it into text: docs/schema.json names every text.
using LineValue = std::variant<std::uint64_t, double, bool, std::string_view>;

// Appends "text" in quotes; what is not printable ASCII, and quotes and backslashes, as \uXXXX.
void append_json_text(std::string& line, std::string_view text);
// A number that is not finite becomes null.
void append_json_value(std::string& line, const LineValue& value);
// Appends ,"name":value
void append_json_field(std::string& line, std::string_view name, const LineValue& value);

}  // namespace parapet
