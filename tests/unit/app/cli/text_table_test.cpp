// SPDX-License-Identifier: Apache-2.0
// Columns and figures.
#include "app/cli/text_table.h"

#include <gtest/gtest.h>

#include <sstream>

namespace parapet::cli {
namespace {

TEST(TextTable, AlignsColumnsAndEndsLinesWithoutSpaces) {
  TextTable table({{"name"}, {"count", Align::right}});
  table.add({"a", "1"});
  table.add({"longer", "1,000"});
  std::ostringstream out;
  table.print(out, "");
  EXPECT_EQ(out.str(), "name    count\na           1\nlonger  1,000\n");
}

TEST(TextTable, TerminalsAreNotObeyedFromCells) {
  TextTable table({{"name"}});
  table.add({"\x1b[2Jx\xc3\n"});
  std::ostringstream out;
  table.print(out, "");
  EXPECT_EQ(out.str(), "name\n\\x1b[2Jx\\xc3\\x0a\n");
}

TEST(TextTable, FiguresReadWell) {
  EXPECT_EQ(with_thousands(0), "0");
  EXPECT_EQ(with_thousands(999), "999");
  EXPECT_EQ(with_thousands(1000), "1,000");
  EXPECT_EQ(with_thousands(1234567), "1,234,567");
  EXPECT_EQ(share_text(1, 3), "33.33 %");
  EXPECT_EQ(share_text(0, 0), "-");
  EXPECT_EQ(duration_text(20'000'000), "20 ms");
  EXPECT_EQ(duration_text(3'200'000'000), "3.2 s");
  EXPECT_EQ(duration_text(125 * 60 * 1'000'000'000ULL), "2 h 05 min");
  EXPECT_EQ(time_text(0), "-");
  EXPECT_EQ(time_text(1'767'323'045'000'000'000), "2026-01-02 03:04:05 UTC");
}

}  // namespace
}  // namespace parapet::cli
