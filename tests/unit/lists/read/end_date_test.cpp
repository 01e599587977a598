// SPDX-License-Identifier: Apache-2.0
// Which dates an entry can end at, and in which formats of lists.
#include "lists/read/end_date.h"

#include <gtest/gtest.h>

#include "read_back.h"

namespace parapet::lists {
namespace {

using config::FeedFormat;
using support::read_back;
using Entries = std::vector<std::string>;

TEST(EndDate, ADateIsTheBeginningOfItsDayInUtc) {
  EXPECT_EQ(parse_end("2027-03-31"), 1'806'451'200u);
  EXPECT_EQ(parse_end("2024-02-29"), 1'709'164'800u);
  EXPECT_EQ(parse_end("1970-01-02"), 86'400u);
}

TEST(EndDate, ATimeHasItsOffset) {
  EXPECT_EQ(parse_end("2027-03-31T00:00:00Z"), 1'806'451'200u);
  EXPECT_EQ(parse_end("2027-03-31T23:59:59+02:00"), 1'806'451'200u + 22 * 3600 - 1);
  EXPECT_EQ(parse_end("2027-03-30T18:30:00-05:30"), 1'806'451'200u);
  EXPECT_EQ(parse_end("2027-03-31T00:00:00.999999Z"), 1'806'451'200u) << "a fraction counts nothing";
  EXPECT_EQ(parse_end("1969-12-31T23:00:01-01:00"), 1u);
}

TEST(EndDate, NoTextAndWhatNoSnapshotCanTellAreNoEnd) {
  EXPECT_EQ(parse_end(""), 0u);
  EXPECT_EQ(parse_end("2106-02-07T06:28:15Z"), 4'294'967'295u);
  EXPECT_EQ(parse_end("2106-02-07T06:28:16Z"), 0u);
  EXPECT_EQ(parse_end("9999-12-31"), 0u);
}

TEST(EndDate, AnythingElseIsWrong) {
  for (const char* text : {"never",
                           "0",
                           "2027",
                           "2027-3-31",
                           "27-03-31",
                           "2027-02-29",
                           "2027-13-01",
                           "2027-00-10",
                           "2027-04-31",
                           "2027-03-00",
                           "31.03.2027",
                           "03/31/2027",
                           "20270331",
                           "2027-W13-3",
                           "2027-090",
                           "2027-03-31T",
                           "2027-03-31 ",
                           "2027-03-31T12:00:00",
                           "2027-03-31 12:00:00Z",
                           "2027-03-31t12:00:00Z",
                           "2027-03-31T12:00:00z",
                           "2027-03-31T12:00Z",
                           "2027-03-31T24:00:00Z",
                           "2027-03-31T12:60:00Z",
                           "2027-03-31T23:59:60Z",
                           "2027-03-31T12:00:00.Z",
                           "2027-03-31T12:00:00,5Z",
                           "2027-03-31T12:00:00+0200",
                           "2027-03-31T12:00:00+2:00",
                           "2027-03-31T12:00:00+24:00",
                           "2027-03-31T12:00:00+02:60",
                           "2027-03-31T12:00:00ZZ",
                           "2027-03-31Z",
                           "+2027-03-31",
                           "-2027-03-31",
                           "12027-03-31",
                           " 2027-03-31",
                           "1970-01-01",
                           "1969-12-31",
                           "0001-01-01",
                           "1806451200"}) {
    const auto end = parse_end(text);
    ASSERT_FALSE(end) << text;
    EXPECT_EQ(end.error().code, ErrorCode::malformed);
    EXPECT_EQ(end.error().context.find(text), std::string::npos);
  }
}

TEST(EndDate, StandsInAColumn) {
  config::SourceOptions source;
  source.format = FeedFormat::csv;
  source.csv.ends_column = "until";
  EXPECT_EQ(read_back("until,value\n2027-03-31,a.example.test\n , b.example.test\n", source).entries,
            (Entries{"host:a.example.test until 1806451200", "host:b.example.test"}));
  const auto wrong =
      read_back("value,until\na.example.test,2027-03-31\nb.example.test,31/03/2027\nc.example.test\n", source);
  EXPECT_EQ(wrong.error,
            "2 lines cannot be read: line 3: its end is no date, nor a date and time with its offset (RFC 3339); line "
            "4: too few columns");
  EXPECT_EQ(read_back("value\na.example.test\n", source).error, "line 1: no column is named until");
  source.csv = {.header = false, .value_column = "2", .ends_column = "1"};
  EXPECT_EQ(read_back("2027-03-31,a.example.test\n", source).entries,
            (Entries{"host:a.example.test until 1806451200"}));
}

TEST(EndDate, StandsAtAPlaceOfEachItem) {
  config::SourceOptions source;
  source.format = FeedFormat::json;
  source.json = {"/items", "/url", "", "/order/until"};
  const auto back = read_back(R"({"until": "1", "items": [{"order": {"until": "2027-03-31"}, "url": "a.example.test"},
      {"url": "b.example.test", "until": "x"}, {"url": "c.example.test", "order": {"until": null}},
      {"url": "d.example.test", "order": {"until": ""}}]})",
                              source);
  EXPECT_EQ(back.error, "");
  EXPECT_EQ(back.entries, (Entries{"host:a.example.test until 1806451200", "host:b.example.test", "host:c.example.test",
                                   "host:d.example.test"}));
  source.format = FeedFormat::jsonl;
  source.json = {"", "/url", "", "/until"};
  const auto wrong = read_back(
      "{\"url\": \"a.example.test\", \"until\": \"2027-03-31\"}\n"
      "{\"url\": \"b.example.test\", \"until\": 1806451200}\n"
      "{\"url\": \"c.example.test\", \"until\": \"soon\"}\n"
      "{\"url\": \"d.example.test\", \"until\": null, \"until\": \"2027-03-31\"}\n",
      source);
  EXPECT_EQ(wrong.error,
            "3 lines cannot be read: line 2: has a field that is no string; line 3: its end is no date, nor a date and "
            "time with its offset (RFC 3339); line 4: says a field twice");
}

}  // namespace
}  // namespace parapet::lists
