// SPDX-License-Identifier: Apache-2.0
// One line of a list becomes one canonical entry, or a named refusal.
#include "canon/entry.h"

#include <gtest/gtest.h>

namespace parapet::canon {
namespace {

std::string read(std::string_view text, EntryRules rules = {}, const EntryKind* kind = nullptr) {
  const auto entry = parse_entry(text, rules, kind);
  return entry ? canonical_text(*entry) : "!" + entry.error().context;
}

TEST(ParseEntry, ABareNameIsAHostOrWhatTheSourceSays) {
  EXPECT_EQ(read(" Listed.Example.TEST. "), "host:listed.example.test");
  EXPECT_EQ(read("listed.example.test", {EntryKind::domain, EntryKind::url}), "domain:listed.example.test");
}

TEST(ParseEntry, AUrlNeverBecomesItsHost) {
  EXPECT_EQ(read("http://listed.example.test"), "url:listed.example.test:0/");
  EXPECT_EQ(read("http://listed.example.test/"), "url:listed.example.test:0/");
  EXPECT_EQ(read("listed.example.test/"), "url:listed.example.test:0/");
  EXPECT_EQ(read("listed.example.test/a"), "url:listed.example.test:0/a");
}

TEST(ParseEntry, SpellingsThatBrowsersTakeAreOne) {
  for (const std::string_view text :
       {"http://x.test/a", "HTTP:\\\\x.test\\a", "http:x.test/a", "https:////x.test/a", "//x.test/a", "x.test/a",
        "x.test\\a", "http://%78%2Etest/a", "http://user@u2:p%40@x.test/a", " \x01http://x.te\nst/\ta#b ",
        "http://x.test./a", "http://x.test:/a", "http://x.test:00080/a", "http://\xef\xbc\xb8.test/a",
        "http://x\xe3\x80\x82test/a",
        "http://x.t\xc2\xad"
        "est/a"}) {
    EXPECT_EQ(read(text), "url:x.test:0/a") << text;
  }
}

TEST(ParseEntry, ADotSegmentGoesAsABrowserTakesItAway) {
  EXPECT_EQ(read("http://x.test/a/b//../.."), "url:x.test:0/a/")
      << "what a browser asks for, not what a server makes of it";
}

TEST(ParseEntry, DefaultPortsOfTheSchemeAreDropped) {
  EXPECT_EQ(read("HTTPS://x.test:443/a"), "url:x.test:0/a");
  EXPECT_EQ(read("http://x.test:80/a"), "url:x.test:0/a");
  EXPECT_EQ(read("http://x.test:443/a"), "url:x.test:443/a");
  EXPECT_EQ(read("https://x.test:80/a"), "url:x.test:0/a") << "schemes are not compared, so this is http's own";
  EXPECT_EQ(read("http://u:p@x.test:8080/a?b#c"), "url:x.test:8080/a?b");
}

TEST(ParseEntry, PrefixesKeepWhetherASlashEndsThem) {
  const EntryRules rules{EntryKind::host, EntryKind::prefix};
  const auto without = parse_entry("http://x.test/a", rules);
  const auto with = parse_entry("http://x.test/a/", rules);
  ASSERT_TRUE(without && with);
  EXPECT_EQ(without->kind, EntryKind::prefix);
  EXPECT_EQ(with->kind, EntryKind::prefix_below);
  EXPECT_EQ(read("http://x.test/a?q", rules), "!a prefix cannot have a query");
}

TEST(ParseEntry, NamesOutsideAsciiBecomeALabels) {
  EXPECT_EQ(read("b\xc3\xbc"
                 "cher.example.test"),
            "host:xn--bcher-kva.example.test");
  EXPECT_EQ(read("B\xc3\x9c"
                 "CHER.example.test"),
            "host:xn--bcher-kva.example.test");
}

TEST(ParseEntry, RefusalsSayWhyAndNeverWhat) {
  const EntryKind host = EntryKind::host;
  for (const std::string_view text :
       {"", "  ", "ftp://secret.test/", "secret..test", "secret test", "192.0.2.7", "[2001:db8::1]", "secretlabel",
        "http://secret.test:0/", "mailto:a@secret.test", "a@secret.test", "file:#secret.test",
        "news:", "\xff\xfe.secret.test", "http:///", "/secret/path", "http://%zzsecret.test/",
        "http://se%63ret%00.test/", "http://secret.%31%32%38/"}) {
    const auto entry = parse_entry(text, {});
    ASSERT_FALSE(entry) << text;
    EXPECT_EQ(entry.error().context.find("secret"), std::string::npos) << entry.error().context;
    EXPECT_FALSE(entry.error().context.empty());
  }
  EXPECT_EQ(read("x.test/a", {}, &host), "!a host or domain entry cannot have a path");
  EXPECT_EQ(read("x.test:81", {}, &host), "!a host or domain entry cannot have a port");
}

TEST(ParseEntry, AUrlOnAnAddressIsAUrl) {
  EXPECT_EQ(read("http://0xc0000207/a"), "url:192.0.2.7:0/a");
  EXPECT_EQ(read("http://[2001:DB8::1]/a"), "url:[2001:db8::1]:0/a");
}

TEST(EntryKind, NamesAreThoseOfTheGlossary) {
  EXPECT_EQ(name_of(EntryKind::host), "host");
  EXPECT_EQ(name_of(EntryKind::domain), "domain");
  EXPECT_EQ(name_of(EntryKind::url), "url");
  EXPECT_EQ(name_of(EntryKind::prefix), "prefix");
  EXPECT_EQ(name_of(EntryKind::prefix_below), "prefix");
}

}  // namespace
}  // namespace parapet::canon
