// SPDX-License-Identifier: Apache-2.0
// The ledger says what each protocol allows and never promises QUIC or widening.
#include "lists/compile/ledger.h"

#include <gtest/gtest.h>

#include "digested.h"

namespace parapet::lists {
namespace {

TEST(Ledger, CountsEntriesByKindAndProtocol) {
  auto source = support::source_named("hotline");
  source.url_is_prefix = true;
  const auto ledger = make_ledger(
      support::digested("a.example.test\nb.example.test\nhttp://c.example.test/x\nhttp://c.example.test/y/\n", source),
      0);
  EXPECT_EQ(ledger.entries_by_kind, (std::array<std::uint64_t, 4>{2, 0, 0, 2}));
  using Row = std::array<std::uint64_t, 3>;
  EXPECT_EQ(ledger.by_protocol[index_of(Protocol::http)], (Row{4, 0, 0}));
  EXPECT_EQ(ledger.by_protocol[index_of(Protocol::tls)], (Row{2, 0, 2}));
  EXPECT_EQ(ledger.by_protocol[index_of(Protocol::quic)], (Row{2, 0, 2}));
  EXPECT_EQ(ledger.by_protocol[index_of(Protocol::dns)], (Row{2, 0, 2}));
}

TEST(Ledger, RulesWithoutAnEntryAreUnenforceableEverywhere) {
  auto list = support::digested("a.example.test\n", support::source_named("hotline"));
  list.unenforceable = 3;
  const auto ledger = make_ledger(list, 0);
  for (const auto& protocol : ledger.by_protocol) EXPECT_EQ(protocol, (std::array<std::uint64_t, 3>{1, 0, 3}));
  EXPECT_EQ(ledger.entries_by_kind, (std::array<std::uint64_t, 4>{1, 0, 0, 0}));
}

TEST(Ledger, WhatHasEndedIsCountedApart) {
  auto list = support::digested("a.example.test\nb.example.test\nc.example.test\nd.example.test\n");
  list.entries[0].ends_s = 1000;
  list.entries[1].ends_s = 3000;
  list.entries[2].ends_s = 2000;
  const auto before = make_ledger(list, 999), after = make_ledger(list, 1000), last = make_ledger(list, 3000);
  EXPECT_EQ(before.ended, 0u);
  EXPECT_EQ(before.next_end_s, 1000u);
  EXPECT_EQ(after.ended, 1u);
  EXPECT_EQ(after.next_end_s, 2000u);
  EXPECT_EQ(after.entries_by_kind[0], 3u);
  EXPECT_EQ(after.by_protocol[index_of(Protocol::tls)][0], 3u);
  EXPECT_EQ(last.ended, 3u);
  EXPECT_EQ(last.next_end_s, 0u);
}

TEST(Ledger, SaysWhyNot) {
  using canon::EntryKind;
  EXPECT_EQ(enforcement_of(EntryKind::url, Protocol::tls).why_not, UnenforceableReason::only_name_visible);
  EXPECT_EQ(enforcement_of(EntryKind::url, Protocol::quic).why_not, UnenforceableReason::only_name_visible);
  EXPECT_EQ(enforcement_of(EntryKind::host, Protocol::quic).how, Enforceability::exact);
  EXPECT_EQ(enforcement_of(EntryKind::domain, Protocol::dns).how, Enforceability::exact);
}

}  // namespace
}  // namespace parapet::lists
