// SPDX-License-Identifier: Apache-2.0
// Where a document of a source with increments says that it belongs, and what it does with each entry.
#include "lists/read/feed_place.h"

#include <gtest/gtest.h>

#include "lists/read/read.h"
#include "verified_feed.h"

namespace parapet::lists {
namespace {

using config::FeedFormat;

struct Changes {
  std::string rows;  // "+host:a" or "-host:a", with blanks between
  FeedPlace place;
  std::string error;
};

Changes read(std::string_view text, const config::SourceOptions& source) {
  Changes changes;
  const auto reading = read_feed(support::verified(text), source, [&](FeedEntry entry) -> Status {
    changes.rows += (changes.rows.empty() ? "" : " ") + std::string(entry.is_removed ? "-" : "+");
    changes.rows += canon::canonical_text(entry.entry);
    return {};
  });
  if (reading) changes.place = reading->place;
  if (!reading) changes.error = reading.error().context;
  return changes;
}

config::SourceOptions source_of(FeedFormat format) {
  config::SourceOptions source;
  source.format = format;
  source.increments = true;
  source.csv = {.operation_column = "op", .version_column = "version", .base_column = "base"};
  source.json = {.entries = format == FeedFormat::json ? "/items" : "",
                 .operation = "/op",
                 .version = "/at/version",
                 .base = "/at/base"};
  return source;
}

TEST(FeedPlace, OfJsonStandsInTheDocument) {
  const auto source = source_of(FeedFormat::json);
  auto changes = read(R"({"items": [{"value": "a.test", "op": "add"}, {"op": "remove", "value": "b.test"}],
      "at": {"version": 12, "base": "11"}})",
                      source);
  EXPECT_EQ(changes.error, "");
  EXPECT_EQ(changes.rows, "+host:a.test -host:b.test");
  EXPECT_EQ(changes.place.version, 12u);
  EXPECT_EQ(changes.place.base, 11u);
  changes = read(R"({"at": {"version": 12, "base": null}, "items": [{"value": "a.test"}]})", source);
  EXPECT_EQ(changes.error, "");
  EXPECT_EQ(changes.place.version, 12u);
  EXPECT_FALSE(changes.place.base);
  EXPECT_EQ(read(R"({"at": {"version": 2, "base": 1}, "items": []})", source).error, "") << "nothing changed";
}

TEST(FeedPlace, OfJsonlAndCsvStandsInEachRow) {
  auto changes = read(
      "{\"value\": \"a.test\", \"op\": \"remove\", \"at\": {\"version\": 3, \"base\": 2}}\n"
      "{\"value\": \"b.test\", \"op\": \"add\", \"at\": {\"version\": 3, \"base\": 2}}\n",
      source_of(FeedFormat::jsonl));
  EXPECT_EQ(changes.error, "");
  EXPECT_EQ(changes.rows, "-host:a.test +host:b.test");
  EXPECT_EQ(changes.place.base, 2u);
  changes = read("op,value,version,base\nadd,a.test,3,2\nremove,b.test,3,2\n", source_of(FeedFormat::csv));
  EXPECT_EQ(changes.error, "");
  EXPECT_EQ(changes.rows, "+host:a.test -host:b.test");
  EXPECT_EQ(changes.place.version, 3u);
  EXPECT_FALSE(read("op,value,version,base\n,a.test,3,\n", source_of(FeedFormat::csv)).place.base);
}

TEST(FeedPlace, RowsOfTwoPlacesAreWrong) {
  EXPECT_EQ(
      read("op,value,version,base\nadd,a.test,3,2\nadd,b.test,4,2\nadd,c.test,3,\n", source_of(FeedFormat::csv)).error,
      "2 lines cannot be read: line 3: says another version or base than the lines before it; line 4: says "
      "another version or base than the lines before it");
  EXPECT_EQ(read(R"({"at": {"version": 3}, "at": {"version": 4}, "items": []})", source_of(FeedFormat::json)).error,
            "says its version or base twice");
}

TEST(FeedPlace, WhatSaysNoPlaceIsRefused) {
  EXPECT_EQ(read("op,value,version,base\n", source_of(FeedFormat::csv)).error,
            "it says no version, so nobody knows where it belongs");
  EXPECT_EQ(read(R"({"items": []})", source_of(FeedFormat::json)).error,
            "it says no version, so nobody knows where it belongs");
  EXPECT_EQ(read("{\"value\": \"a.test\"}\n", source_of(FeedFormat::jsonl)).error,
            "1 line cannot be read: line 1: its version is no number of 1..2^63-1");
}

TEST(FeedPlace, NumbersAreDecimalAndABaseIsBeforeItsVersion) {
  const auto error = [](const std::string& version, const std::string& base) {
    PlaceReader place;
    const auto status = place.say(version, base);
    return status ? "" : status.error().context;
  };
  EXPECT_EQ(error("1", ""), "");
  EXPECT_EQ(error("9223372036854775807", "9223372036854775806"), "");
  for (const char* version : {"", "0", "01", "-1", "+1", "1.0", "1e3", " 1", "0x1", "9223372036854775808", "a"}) {
    EXPECT_EQ(error(version, ""), "its version is no number of 1..2^63-1") << version;
  }
  EXPECT_EQ(error("5", "0"), "its base is no number of 1..2^63-1");
  EXPECT_EQ(error("5", "5"), "its base is not before its version");
  EXPECT_EQ(error("5", "6"), "its base is not before its version");
  for (const char* number : {"true", "-1", "1.5", "[1]"}) {
    const auto text = "{\"at\": {\"version\": " + std::string(number) + "}, \"items\": []}";
    EXPECT_NE(read(text, source_of(FeedFormat::json)).error, "") << number;
  }
}

TEST(FeedPlace, OperationsFitTheDocument) {
  const auto csv = source_of(FeedFormat::csv);
  EXPECT_EQ(read("op,value,version,base\nremove,a.test,3,\n", csv).error,
            "a whole list (without a base) removes nothing");
  EXPECT_EQ(read("op,value,version,base\n,a.test,3,2\n", csv).error,
            "1 lines of an increment say neither add nor remove");
  EXPECT_EQ(read("op,value,version,base\nDELETE,a.test,3,2\n", csv).error,
            "1 line cannot be read: line 2: its operation is neither add nor remove");
}

TEST(FeedPlace, NoWrongLineOfAnIncrementIsTolerated) {
  auto source = source_of(FeedFormat::csv);
  source.max_wrong_lines = 5;
  EXPECT_EQ(read("op,value,version,base\n,a.test,3,\n,b..test,3,\n", source).error, "");
  EXPECT_TRUE(read("op,value,version,base\nadd,a.test,3,2\nremove,b..test,3,2\n", source)
                  .error.starts_with("1 line cannot be read: line 3: "));
}

}  // namespace
}  // namespace parapet::lists
