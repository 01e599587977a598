// SPDX-License-Identifier: Apache-2.0
// Explaining gives the entries that the edge would stop a URL for.
#include "lists/compile/look_up.h"

#include <gtest/gtest.h>

#include "digested.h"

namespace parapet::lists {
namespace {

using canon::EntryKind;

DigestedList csv_list() {
  auto source = support::source_named("hotline");
  source.format = config::FeedFormat::csv;
  source.csv.header = false;
  source.csv.value_column = "1";
  source.csv.kind_column = "2";
  return support::digested(
      "host.example.test,host\n"
      "domain.example.test,domain\n"
      "http://u.example.test/a,url\n"
      "http://u.example.test/a?q=1,url\n"
      "http://p.example.test/dir,prefix\n"
      "http://p.example.test/below/,prefix\n"
      "http://all.example.test/,prefix\n"
      "http://port.example.test:8080/a,url\n"
      "http://192.0.2.1/a,url\n",
      source);
}

std::vector<EntryKind> kinds_of(std::string_view url) {
  static const DigestedList list = csv_list();
  const auto question = parse_question(url);
  if (!question) return {static_cast<EntryKind>(0)};
  std::vector<EntryKind> kinds;
  for (const auto& hit : look_up(list, *question, support::kListKey)) kinds.push_back(hit.kind);
  return kinds;
}

using Kinds = std::vector<EntryKind>;

TEST(LookUp, AHostEntryIsThatNameAlone) {
  EXPECT_EQ(kinds_of("host.example.test"), Kinds{EntryKind::host});
  EXPECT_EQ(kinds_of("https://HOST.example.test./any?thing"), Kinds{EntryKind::host});
  EXPECT_EQ(kinds_of("sub.host.example.test"), Kinds{});
  EXPECT_EQ(kinds_of("nothost.example.test"), Kinds{});
}

TEST(LookUp, ADomainEntryIsTheNameAndAllBelow) {
  EXPECT_EQ(kinds_of("domain.example.test"), Kinds{EntryKind::domain});
  EXPECT_EQ(kinds_of("a.b.domain.example.test"), Kinds{EntryKind::domain});
  EXPECT_EQ(kinds_of("notdomain.example.test"), Kinds{});
}

TEST(LookUp, AUrlEntryIsThatUrlAlone) {
  EXPECT_EQ(kinds_of("http://u.example.test/a"), Kinds{EntryKind::url});
  EXPECT_EQ(kinds_of("http://u.example.test/%61#f"), Kinds{EntryKind::url});
  EXPECT_EQ(kinds_of("http://u.example.test/a?q=1"), Kinds{EntryKind::url});
  EXPECT_EQ(kinds_of("http://u.example.test/a?q=2"), Kinds{});
  EXPECT_EQ(kinds_of("http://u.example.test/a/b"), Kinds{});
  EXPECT_EQ(kinds_of("u.example.test"), Kinds{});
  EXPECT_EQ(kinds_of("http://port.example.test:8080/a"), Kinds{EntryKind::url});
  EXPECT_EQ(kinds_of("http://port.example.test/a"), Kinds{});
  EXPECT_EQ(kinds_of("http://192.0.2.1/a"), Kinds{EntryKind::url});
}

TEST(LookUp, APrefixEndsAtASegment) {
  EXPECT_EQ(kinds_of("http://p.example.test/dir"), Kinds{EntryKind::prefix});
  EXPECT_EQ(kinds_of("http://p.example.test/dir/x?y"), Kinds{EntryKind::prefix});
  EXPECT_EQ(kinds_of("http://p.example.test/dir?y"), Kinds{EntryKind::prefix});
  EXPECT_EQ(kinds_of("http://p.example.test/directory"), Kinds{});
  EXPECT_EQ(kinds_of("http://p.example.test/below/x"), Kinds{EntryKind::prefix_below});
  EXPECT_EQ(kinds_of("http://p.example.test/below/"), Kinds{EntryKind::prefix_below});
  EXPECT_EQ(kinds_of("http://p.example.test/below"), Kinds{});
  EXPECT_EQ(kinds_of("http://all.example.test/any"), Kinds{EntryKind::prefix_below});
}

TEST(LookUp, WhatIsNoUrlIsRefusedWithoutRepeatingIt) {
  const auto question = parse_question("se cret");
  ASSERT_FALSE(question);
  EXPECT_EQ(question.error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(question.error().context.find("cret"), std::string::npos);
}

}  // namespace
}  // namespace parapet::lists
