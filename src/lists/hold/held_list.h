// SPDX-License-Identifier: Apache-2.0
// A version of a list that waits for people, and one that people refused.
#pragma once

#include <optional>
#include <string>

#include "approval/tally.h"
#include "base/result.h"
#include "digest/key.h"
#include "lists/compile/digested_list.h"
#include "lists/guard/findings.h"

namespace parapet::lists {

// What statements about a list name: a hash over its source, signer's order and entries.
//   cost  one pass
approval::Subject subject_of(const DigestedList& list);

struct HeldList {
  HeldList(DigestedList held_list, Findings seen)
      : list(std::move(held_list)),
        findings(std::move(seen)),
        tally(approval::Act::release, subject_of(list), list.name) {}

  DigestedList list;
  Findings findings;
  approval::Tally tally;
  std::uint64_t held_realtime_ns = 0;  // since when, for people
  std::uint64_t waited_s = 0;          // while parapetd ran

  // Signed, in sequence and only too small: the source takes entries back, so that one person is enough, or none after
  // a while.
  bool is_withdrawal() const;
  std::size_t people_needed() const { return is_withdrawal() ? 1 : 2; }
};

// A version that does not come back: people refused it, or went back behind it.
struct DismissedList {
  approval::Subject subject{};
  SignedOrder signed_order;
  std::string why;  // "refused by anna"
};

// A held list is kept in two files: what it is, which may be large and is written once, and what people said of it so
// far, which is small.
std::vector<std::uint8_t> format_held_list(const HeldList& held, const digest::Key& key);
Result<HeldList> parse_held_list(ByteView bytes, const digest::Key& key);
// The statements and the wait. What was said of another list, or cannot be read, is not taken: it must be said again.
//   REQUIRES  the statements were verified when they were taken; the keyed file vouches for them since
std::vector<std::uint8_t> format_said(const HeldList& held);
void recall_said(ByteView bytes, HeldList& held, std::span<const config::Approver> approvers,
                 std::uint64_t trusted_now_realtime_s);
std::vector<std::uint8_t> format_dismissed_list(const DismissedList& dismissed);
Result<DismissedList> parse_dismissed_list(ByteView bytes);

}  // namespace parapet::lists
