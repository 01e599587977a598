// SPDX-License-Identifier: Apache-2.0
// A line of the log is one JSON object whatever its text holds.
#include "base/json_line.h"

#include <gtest/gtest.h>

#include <limits>

namespace parapet {
namespace {

std::string value(const LineValue& v) {
  std::string line;
  append_json_value(line, v);
  return line;
}

TEST(JsonLine, NumbersAndTruthAreWrittenPlainly) {
  EXPECT_EQ(value(std::uint64_t{18446744073709551615u}), "18446744073709551615");
  EXPECT_EQ(value(0.25), "0.25");
  EXPECT_EQ(value(true), "true");
  EXPECT_EQ(value(std::numeric_limits<double>::infinity()), "null");
}

TEST(JsonLine, NoTextCanEndItsQuotesOrItsLine) {
  EXPECT_EQ(value(std::string_view("plain text")), "\"plain text\"");
  EXPECT_EQ(value(std::string_view("a\"b\\c\n\x7f\xff", 8)), "\"a\\u0022b\\u005cc\\u000a\\u007f\\u00ff\"");
}

TEST(JsonLine, FieldsBeginWithAComma) {
  std::string line = "{\"a\":1";
  append_json_field(line, "b", std::string_view("c"));
  EXPECT_EQ(line, "{\"a\":1,\"b\":\"c\"");
}

}  // namespace
}  // namespace parapet
