// SPDX-License-Identifier: Apache-2.0
// Reading plain and csv: what stands there, and what is wrong with it, without repeating it.
#include "lists/read/read.h"

#include <gtest/gtest.h>
#include <random>

#include "read_back.h"

namespace parapet::lists {
namespace {

using config::FeedFormat;

constexpr auto read_plain_text = [](std::string_view text, const config::SourceOptions& source = {}) {
  return support::read_back(text, source);
};

config::SourceOptions csv(bool header = true) {
  config::SourceOptions source;
  source.format = FeedFormat::csv;
  source.csv.header = header;
  if (!header) source.csv.value_column = "1";
  return source;
}

TEST(ReadPlain, TakesAHostOrUrlALine) {
  const auto back = read_plain_text(
      "\xef\xbb\xbf# a comment\r\n\r\n  Listed.Example.test \nhttp://a.example.test/x#frag\n\tb.example.test/y");
  EXPECT_EQ(back.error, "");
  EXPECT_EQ(back.entries,
            (std::vector<std::string>{"host:listed.example.test", "url:a.example.test:0/x", "url:b.example.test:0/y"}));
}

TEST(ReadPlain, KindsOfTheSourceApply) {
  config::SourceOptions source;
  source.bare_host_is_domain = true;
  source.url_is_prefix = true;
  EXPECT_EQ(read_plain_text("a.example.test\nhttp://b.example.test/x\n", source).entries,
            (std::vector<std::string>{"domain:a.example.test", "prefix:b.example.test:0/x"}));
}

TEST(ReadPlain, OneWrongLineRefusesTheListAndIsNamedByNumberAlone) {
  const auto back = read_plain_text("good.example.test\nse cret.example.test\n\nftp://secret.example.test/\n");
  EXPECT_TRUE(back.error.starts_with("2 lines cannot be read: line 2: ")) << back.error;
  EXPECT_NE(back.error.find("line 4: "), std::string::npos) << back.error;
  EXPECT_EQ(back.error.find("cret"), std::string::npos) << back.error;
}

TEST(ReadPlain, SoManyWrongLinesAsTheSourceMayHaveAreCountedAndOneMoreRefusesTheList) {
  config::SourceOptions source;
  source.max_wrong_lines = 2;
  const auto back = read_plain_text("good.example.test\nnot a host\n\nftp://other.example.test/\n", source);
  EXPECT_EQ(back.error, "");
  EXPECT_EQ(back.entries, (std::vector<std::string>{"host:good.example.test"}));
  EXPECT_EQ(back.unenforceable, 2u);
  source.max_wrong_lines = 1;
  EXPECT_TRUE(
      read_plain_text("a.example.test\nnot a host\nnor this\n", source).error.starts_with("2 lines cannot be read: "));
}

TEST(ReadPlain, ReasonsAreCountedBeyondTheFirstFew) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "not a host\n";
  const auto error = read_plain_text(text).error;
  EXPECT_TRUE(error.starts_with("100 lines cannot be read: line 1: ")) << error;
  EXPECT_TRUE(error.ends_with("; and 95 more")) << error;
  EXPECT_LT(error.size(), 600u);
}

TEST(ReadPlain, LimitsOfALineHold) {
  using namespace std::string_view_literals;
  EXPECT_NE(read_plain_text("a\0b.example.test\n"sv).error.find("control characters"), std::string::npos);
  EXPECT_NE(read_plain_text("a\x1b.example.test\n").error.find("control characters"), std::string::npos);
  EXPECT_NE(read_plain_text("http://a.example.test/" + std::string(kMaxLine, 'a')).error.find("longer than 8192"),
            std::string::npos);
  EXPECT_NE(read_plain_text("b\xfc.example.test\n").error.find("not UTF-8"), std::string::npos);
  EXPECT_NE(read_plain_text("\xed\xa0\x80.example.test\n").error.find("not UTF-8"), std::string::npos);
  EXPECT_EQ(read_plain_text("b\xc3\xbc.example.test\n").entries,
            (std::vector<std::string>{"host:xn--b-eha.example.test"}));
}

TEST(ReadCsv, FindsColumnsByNameWhereverTheyStand) {
  auto source = csv();
  source.csv.kind_column = "kind";
  const auto back =
      read_plain_text("id,kind,value\r\n1,domain,a.example.test\r\n2,prefix,\"http://b.example.test/x,y\"\r\n", source);
  EXPECT_EQ(back.error, "");
  EXPECT_EQ(back.entries, (std::vector<std::string>{"domain:a.example.test", "prefix:b.example.test:0/x,y"}));
}

TEST(ReadCsv, ColumnsByNumberAndOtherDelimiters) {
  auto source = csv(false);
  source.csv.delimiter = ';';
  source.csv.value_column = "2";
  EXPECT_EQ(read_plain_text("1;a.example.test;x\n2;b.example.test\n", source).entries,
            (std::vector<std::string>{"host:a.example.test", "host:b.example.test"}));
}

TEST(ReadCsv, QuotedFieldsHoldDelimitersQuotesAndLineEnds) {
  const auto back = read_plain_text("note,value\n\"a \"\"b\"\"\r\nc,\",x.example.test\n,y.example.test\n", csv());
  EXPECT_NE(back.error.find("line 2: has control characters"), std::string::npos)
      << back.error;  // line ends inside a field
  EXPECT_EQ(back.entries, (std::vector<std::string>{"host:y.example.test"}));
  EXPECT_EQ(read_plain_text("note,value\n\"a \"\"b\"\", c\",x.example.test\n", csv()).entries,
            (std::vector<std::string>{"host:x.example.test"}));
}

TEST(ReadCsv, BrokenRowsAreNamed) {
  const auto back = read_plain_text("value,kind\na.example.test\n\"b.example.test\nc\"x,y\n\"d", csv());
  EXPECT_NE(back.error.find("text behind a closing quote"), std::string::npos) << back.error;
  EXPECT_NE(back.error.find("without its closing quote"), std::string::npos) << back.error;
  EXPECT_EQ(read_plain_text("kind\nhost\n", csv()).error, "line 1: no column is named value");
  EXPECT_EQ(read_plain_text("value,value\n", csv()).error, "line 1: two columns are named value");
  EXPECT_EQ(read_plain_text("", csv()).error, "the header row is missing");
  auto source = csv(false);
  source.csv.value_column = "3";
  EXPECT_EQ(read_plain_text("a,b\n", source).error, "1 line cannot be read: line 1: too few columns");
  auto kinds = csv();
  kinds.csv.kind_column = "kind";
  EXPECT_EQ(read_plain_text("value,kind\na.example.test,mask\n", kinds).error,
            "1 line cannot be read: line 2: kind is none of host, domain, url, prefix");
}

TEST(ReadBoth, HostileInputEndsInEntriesOrANamedError) {
  std::minstd_rand random{11};
  const std::string seed =
      "value,kind\n\"a.example.test\",host\nhttp://b.example.test/x%41?q#f,url\n\xc3\xbc.example.test,domain\n";
  for (int round = 0; round < 4000; ++round) {
    std::string text = seed.substr(0, random() % (seed.size() + 1));
    for (auto flips = random() % 5; flips > 0 && !text.empty(); --flips) {
      text[random() % text.size()] = static_cast<char>(random());
    }
    auto source = csv();
    source.csv.kind_column = "kind";
    for (const auto& options : {source, config::SourceOptions{}}) {
      const auto back = read_plain_text(text, options);
      for (const auto& entry : back.entries) {
        for (const char c : entry) ASSERT_GT(static_cast<unsigned char>(c), 0x20);
      }
    }
  }
}

}  // namespace
}  // namespace parapet::lists
