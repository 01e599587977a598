// SPDX-License-Identifier: Apache-2.0
// Where things stand in a list: columns, pointers, words, increments.
#include "config/feed_options.h"

#include <gtest/gtest.h>

#include "control_toml.h"

namespace parapet::config {
namespace {

using support::error_of;
using support::with_source;

TEST(FeedOptions, JsonIsDescribedByPointers) {
  const auto options = parse_control_options(
      with_source(
          "format = \"json\"\npacking = \"zip\"\nencoding = \"windows-1252\"\n[source.json]\nentries = \"/a\"\nvalue = "
          "\"\"\nkind = \"/b~1c\"\n[[source.kind_word]]\nword = \"FQDN\"\nkind = \"domain\"\n"),
      "control.toml");
  ASSERT_TRUE(options) << options.error().context;
  const auto& source = options->sources[0];
  EXPECT_EQ(source.format, FeedFormat::json);
  EXPECT_EQ(source.packing, Packing::zip);
  EXPECT_EQ(source.encoding, TextEncoding::windows1252);
  EXPECT_EQ(source.json.entries, "/a");
  EXPECT_EQ(source.json.value, "");
  EXPECT_EQ(source.json.kind, "/b~1c");
  ASSERT_EQ(source.kind_words.size(), 1u);
  EXPECT_EQ(source.kind_words[0].word, "FQDN");
  EXPECT_EQ(source.kind_words[0].kind, "domain");
  EXPECT_EQ(
      error_of(with_source("format = \"json\"\n[source.json]\nvalue = \"url\"\n")),
      "control.toml:12:9: source.json.value: expected a JSON Pointer, \"\" or \"/key/key...\", found another string");
  EXPECT_NE(error_of(with_source("format = \"jsonl\"\n[source.json]\nentries = \"/a\"\n")), "");
  EXPECT_NE(error_of(with_source("[source.json]\n")), "");
  EXPECT_NE(error_of(with_source("[[source.kind_word]]\nword = \"a\"\nkind = \"url\"\n[[source.kind_word]]\nword = "
                                 "\"a\"\nkind = \"host\"\n")),
            "");
}

TEST(FeedOptions, NoTwoThingsStandInOnePlaceOfAList) {
  const std::string csv = "format = \"csv\"\n[source.csv]\n", json = "format = \"json\"\n[source.json]\n";
  EXPECT_EQ(error_of(with_source(csv + "kind_column = \"value\"\n")),
            "control.toml:12:15: source.csv.kind_column: expected another column than value_column");
  EXPECT_EQ(error_of(with_source(csv + "kind_column = \"a\"\nends_column = \"a\"\n")),
            "control.toml:13:15: source.csv.ends_column: expected another column than kind_column");
  EXPECT_EQ(error_of(with_source(csv + "header = false\nends_column = \"until\"\n")),
            "control.toml:13:15: source.csv.ends_column: expected a column number 1..256, because header is false");
  EXPECT_EQ(error_of(with_source(json + "ends = \"/value\"\n")),
            "control.toml:12:8: source.json.ends: expected another place than value");
}

TEST(FeedOptions, AnIncrementHasItsPlaces) {
  const std::string on = "increments = true\n";
  const auto parsed = parse_control_options(
      with_source(on + "format = \"json\"\nfull_url = \"https://a.example.test/full.json\"\n[source.json]\nentries = "
                       "\"/items\"\n[[source.key]]\nname = \"k\"\nminisign = "
                       "\"RWQytNNDWkovDKxpn7nnsngxuNYmD4kwzZkqSNkZpUkRUvRD1kE4APuK\"\n"),
      "control.toml");
  ASSERT_TRUE(parsed) << parsed.error().context;
  const auto& source = parsed->sources[0];
  EXPECT_EQ(source.json.operation + source.json.version + source.json.base, "/operation/version/base");
  const auto whole = source.whole();
  EXPECT_EQ(whole.url, "https://a.example.test/full.json");
  EXPECT_EQ(whole.signature_url, "https://a.example.test/full.json.minisig");
  EXPECT_EQ(whole.signed_file, "full.json");
  const auto options = parse_control_options(with_source(on + "format = \"csv\"\n"), "control.toml");
  ASSERT_TRUE(options) << options.error().context;
  const auto& csv = options->sources[0].csv;
  EXPECT_EQ(csv.operation_column + csv.version_column + csv.base_column, "operationversionbase");
}

TEST(FeedOptions, WhatAnIncrementNeedsIsThere) {
  const std::string on = "increments = true\n";
  EXPECT_EQ(error_of(with_source(on)),
            "control.toml:10:14: source.increments: expected false, because format is none of csv, json and jsonl");
  EXPECT_EQ(error_of(with_source("full_url = \"https://a.example.test/full\"\n")),
            "control.toml:10:12: source.full_url: expected nothing, because increments is false");
  EXPECT_NE(error_of(with_source(on + "format = \"jsonl\"\nfull_url = \"https://other.example.test/full\"\n")), "");
  EXPECT_NE(error_of(with_source(on + "format = \"jsonl\"\nfull_signature_url = \"https://a.example.test/f\"\n")), "");
  EXPECT_NE(error_of(with_source(on + "format = \"json\"\n")), "") << "version and base stand beside the entries";
  EXPECT_NE(error_of(with_source(on + "format = \"csv\"\n[source.csv]\nheader = false\n")), "");
  EXPECT_EQ(error_of(with_source(on + "format = \"csv\"\n[source.csv]\nheader = false\noperation_column = "
                                      "\"2\"\nversion_column = \"3\"\nbase_column = \"4\"\n")),
            "");
  EXPECT_NE(error_of(with_source("format = \"csv\"\n[source.csv]\nbase_column = \"b\"\n")), "");
  EXPECT_NE(error_of(with_source("format = \"jsonl\"\n[source.json]\noperation = \"/o\"\n")), "");
  EXPECT_NE(error_of(with_source(on + "format = \"jsonl\"\n[source.json]\noperation = \"\"\n")), "");
  EXPECT_NE(error_of(with_source(on + "format = \"jsonl\"\n[source.json]\nversion = \"/base\"\n")), "");
}

TEST(FeedOptions, CsvColumnsAreNumbersWithoutAHeader) {
  EXPECT_EQ(error_of(with_source("format = \"csv\"\n[source.csv]\nheader = false\nvalue_column = \"name\"\n")),
            "control.toml:13:16: source.csv.value_column: expected a column number 1..256, because header is false");
  EXPECT_EQ(error_of(with_source("format = \"csv\"\n[source.csv]\ndelimiter = \"\\t\"\n")), "");
  EXPECT_NE(error_of(with_source("format = \"csv\"\n[source.csv]\ndelimiter = \";;\"\n")), "");
  EXPECT_NE(error_of(with_source("[source.csv]\ndelimiter = \";\"\n")), "");
}

}  // namespace
}  // namespace parapet::config
