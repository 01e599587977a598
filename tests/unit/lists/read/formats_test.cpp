// SPDX-License-Identifier: Apache-2.0
// Hosts files, JSON and JSON Lines, and what all formats have in common: packing, encoding, words for kinds.
#include <gtest/gtest.h>
#include <random>

#include "lists/read/read.h"
#include "packed.h"
#include "read_back.h"

namespace parapet::lists {
namespace {

using config::FeedFormat;
using support::read_back;
using Entries = std::vector<std::string>;
using namespace std::string_literals;

config::SourceOptions source_in(FeedFormat format) {
  config::SourceOptions source;
  source.format = format;
  return source;
}
config::SourceOptions json(std::string entries, std::string value, std::string kind = "") {
  auto source = source_in(FeedFormat::json);
  source.json = {std::move(entries), std::move(value), std::move(kind)};
  return source;
}

TEST(ReadHosts, TakesEveryNameBehindAnAddress) {
  const auto back = read_back(
      "# a hosts file\n127.0.0.1 localhost\n::1 ip6-localhost ip6-loopback\n0.0.0.0 0.0.0.0\n\n"
      "0.0.0.0 a.example.test b.example.test # why\n\t127.0.0.1\tc.example.test\r\n",
      source_in(FeedFormat::hosts));
  EXPECT_EQ(back.error, "");
  EXPECT_EQ(back.entries, (Entries{"host:a.example.test", "host:b.example.test", "host:c.example.test"}));
}

TEST(ReadHosts, OtherLinesAreNamed) {
  const auto back = read_back("a.example.test\n0.0.0.0\n0.0.0.0 se_cret..test\n", source_in(FeedFormat::hosts));
  EXPECT_NE(back.error.find("line 1: does not begin with an address"), std::string::npos) << back.error;
  EXPECT_NE(back.error.find("line 2: has an address and no name"), std::string::npos) << back.error;
  EXPECT_NE(back.error.find("line 3: "), std::string::npos) << back.error;
  EXPECT_EQ(back.error.find("cret"), std::string::npos) << back.error;
}

TEST(ReadJson, FindsItemsByPointers) {
  const auto source = json("/data/items", "/at/url", "/type");
  const auto back = read_back(R"({"items": [1], "meta": {"items": ["x"]}, "data": {"count": 2, "items": [
      {"type": "host", "at": {"url": "a.example.test", "more": [{"url": "no"}]}, "id": 7},
      {"at": {"note": null, "url": " http://b.example.test/x\u002fy "}, "type": "prefix"}]}, "end": true})",
                              source);
  EXPECT_EQ(back.error, "");
  EXPECT_EQ(back.entries, (Entries{"host:a.example.test", "prefix:b.example.test:0/x/y"}));
}

TEST(ReadJson, ItemsCanBeStrings) {
  EXPECT_EQ(read_back(R"(["a.example.test", "http://b.example.test/x"])", json("", "")).entries,
            (Entries{"host:a.example.test", "url:b.example.test:0/x"}));
  EXPECT_EQ(read_back(R"({"a/b~": ["a.example.test"]})", json("/a~1b~0", "")).entries,
            (Entries{"host:a.example.test"}));
}

TEST(ReadJson, WhatIsWrongIsNamedByItem) {
  const auto error = [](std::string_view text, const config::SourceOptions& source = json("", "/url")) {
    return read_back(text, source).error;
  };
  EXPECT_EQ(error(R"([{"url": "a.example.test"}, {"uri": "secret.test"}])"),
            "1 line cannot be read: line 2: has nothing at json.value");
  EXPECT_EQ(error(R"([{"url": 7}])"), "1 line cannot be read: line 1: has a field that is no string");
  EXPECT_EQ(error(R"([{"url": "a.example.test", "url": "b.example.test"}])"),
            "1 line cannot be read: line 1: says a field twice");
  EXPECT_EQ(error(R"(["a.example.test"])"), "1 line cannot be read: line 1: has nothing at json.value");
  EXPECT_EQ(error(R"([{"url": "a\u0000.example.test"}])"), "1 line cannot be read: line 1: has control characters");
  EXPECT_EQ(error(R"({"items": []})"), "there is no array at json.entries");
  EXPECT_EQ(error(R"({"a": [], "a": []})", json("/a", "")), "there are two arrays at json.entries");
  EXPECT_TRUE(error(R"([{"url": "a.example.test"})").starts_with("is no JSON from byte ")) << "cut short";
  EXPECT_TRUE(error(R"([{"url": "a.example.test"}] x)").starts_with("is no JSON from byte ")) << "goes on";
  EXPECT_EQ(error(std::string(100, '[') + std::string(100, ']')), "is nested deeper than 32");
  EXPECT_EQ(error(R"([{"url": "http://a.example.test/)" + std::string(9000, 'x') + R"("}])"),
            "1 line cannot be read: line 1: longer than 8192 bytes");
}

TEST(ReadJsonl, EachLineIsAnItem) {
  auto source = source_in(FeedFormat::jsonl);
  source.json.value = "/url";
  const auto back =
      read_back("{\"url\": \"a.example.test\"}\r\n\n{\"url\": \"b.example.test\", \"n\": [1, {}]}\n", source);
  EXPECT_EQ(back.error, "");
  EXPECT_EQ(back.entries, (Entries{"host:a.example.test", "host:b.example.test"}));
  const auto wrong = read_back("{\"url\": \"a.example.test\"}\n{\"url\"\n{\"url\": \"b.example.test\"} {}\n", source);
  EXPECT_TRUE(wrong.error.starts_with("2 lines cannot be read: line 2: is no JSON from byte ")) << wrong.error;
  source.json.value = "";
  EXPECT_EQ(read_back("\"a.example.test\"\n", source).entries, (Entries{"host:a.example.test"}));
}

TEST(ReadAnyFormat, WordsForKindsAreTheSources) {
  auto source = json("", "/u", "/t");
  source.kind_words = {{"FQDN", "domain"}, {"URL", "url"}};
  EXPECT_EQ(
      read_back(R"([{"u": "a.example.test", "t": "FQDN"}, {"u": "b.example.test/x", "t": "URL"}])", source).entries,
      (Entries{"domain:a.example.test", "url:b.example.test:0/x"}));
  EXPECT_EQ(read_back(R"([{"u": "a.example.test", "t": "host"}])", source).error,
            "1 line cannot be read: line 1: kind is none of the source's kind_word");
}

TEST(ReadAnyFormat, WrappingAndEncodingComeOffFirst) {
  auto source = source_in(FeedFormat::plain);
  source.packing = config::Packing::gzip;
  source.encoding = config::TextEncoding::utf16le;
  EXPECT_EQ(read_back(support::packed(source.packing, "a\0.\0t\0e\0s\0t\0\r\0\n\0"s), source).entries,
            (Entries{"host:a.test"}));
  EXPECT_EQ(read_back("a.test\n", source).error, "it is no whole gzip");
  source.max_unpacked_bytes = 10;
  EXPECT_EQ(read_back(support::packed(source.packing, std::string(20, '\n')), source).error,
            "unpacked it has more than max_unpacked_bytes = 10");
}

TEST(ReadAnyFormat, HostileInputEndsInEntriesOrANamedError) {
  std::minstd_rand random{12};
  const std::string seed =
      R"({"a": {"b": [{"u": "a.example.test", "t": "host"}, {"t": "url", "u": "http://b.example.test/"}]}})";
  for (int round = 0; round < 4000; ++round) {
    std::string text = seed.substr(0, random() % 4 == 0 ? random() % seed.size() : seed.size());
    for (auto flips = random() % 5; flips > 0 && !text.empty(); --flips) {
      text[random() % text.size()] = static_cast<char>(random());
    }
    for (auto source : {json("/a/b", "/u", "/t"), source_in(FeedFormat::jsonl), source_in(FeedFormat::hosts)}) {
      for (const auto& entry : read_back(text, source).entries) {
        for (const char c : entry) ASSERT_GT(static_cast<unsigned char>(c), 0x20);
      }
    }
  }
}

}  // namespace
}  // namespace parapet::lists
