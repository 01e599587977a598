// SPDX-License-Identifier: Apache-2.0
// Verdicts from the states of lists, and what is counted for them.
#include "packet/decide/decide.h"

#include <gtest/gtest.h>

#include "tiny_list.h"

namespace parapet::packet {
namespace {

using snapshot::ListState;

TEST(Decide, OneEnforcingListIsEnough) {
  const support::TinyList lists({{"off", ListState::off, {"host:a.test"}},
                                 {"shadow", ListState::shadow, {"host:a.test"}},
                                 {"enforce", ListState::enforce, {"host:a.test"}}});
  const auto verdict = [&](std::uint32_t bits) {
    Match match;
    match.lists = bits;
    return decide_verdict(lists.snapshot(), match, 0);
  };
  EXPECT_EQ(verdict(0b000), Verdict::pass);
  EXPECT_EQ(verdict(0b001), Verdict::pass);
  EXPECT_EQ(verdict(0b010), Verdict::shadow);
  EXPECT_EQ(verdict(0b011), Verdict::shadow);
  EXPECT_EQ(verdict(0b100), Verdict::block);
  EXPECT_EQ(verdict(0b110), Verdict::block);
  EXPECT_EQ(verdict(0b111), Verdict::block);
}

TEST(Decide, AListThatNobodyConfirmedInTimeDecidesAsShadow) {
  const support::TinyList lists({{"enforce", ListState::enforce, {"host:a.test"}, 0, 100}});
  Match match;
  match.lists = 1;
  EXPECT_EQ(decide_verdict(lists.snapshot(), match, 99 * kNanosecondsPerSecond), Verdict::block);
  EXPECT_EQ(decide_verdict(lists.snapshot(), match, 100 * kNanosecondsPerSecond), Verdict::shadow);
}

TEST(Decide, CountsTheRequestAndEachListThatIsOn) {
  const support::TinyList lists({{"off", ListState::off, {"host:a.test"}},
                                 {"shadow", ListState::shadow, {"host:a.test"}},
                                 {"enforce", ListState::enforce, {"host:a.test"}}});
  counters::WorkerBlock block{};
  Match match;
  match.lists = 0b111;
  match.name_unusable = true;
  count_request(block, lists.snapshot(), Protocol::tls, Verdict::block, match);
  EXPECT_EQ(block.requests[index_of(Protocol::tls)][index_of(Verdict::block)], 1u);
  EXPECT_EQ(block.list_hits[0][index_of(Protocol::tls)], 0u);
  EXPECT_EQ(block.list_hits[1][index_of(Protocol::tls)], 1u);
  EXPECT_EQ(block.list_hits[2][index_of(Protocol::tls)], 1u);
  EXPECT_EQ(block.uninspected[index_of(UninspectedReason::name_malformed)], 1u);
}

TEST(Decide, AResetNeedsTheOperatorsWishEvidenceAndNoOpenAnswer) {
  for (const bool wanted : {false, true}) {
    for (const bool seen : {false, true}) {
      for (const bool open : {false, true}) {
        const StopResponse expected = !wanted         ? StopResponse::drop
                                      : seen && !open ? StopResponse::reset
                                                      : StopResponse::withheld;
        EXPECT_EQ(decide_stop({wanted, seen, open}), expected);
      }
    }
  }
}

}  // namespace
}  // namespace parapet::packet
