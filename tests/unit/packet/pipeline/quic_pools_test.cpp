// SPDX-License-Identifier: Apache-2.0
// Floods of forged Initials against the bounds of what is kept and opened: who gives way, and what is counted.
#include "quic_rig.h"

namespace parapet::packet {
namespace {

using enum FrameReason;

const Bytes kListedHello = hello_message(kListed, 600);
const Bytes kOtherHello = hello_message(kOther, 600);
constexpr std::size_t kHalf = 400;

QuicInitial first_half(const Bytes& hello, std::uint64_t id) { return initial_with(hello, 0, kHalf, id); }
QuicInitial second_half(const Bytes& hello, std::uint64_t id) {
  return initial_with(hello, kHalf, hello.size(), id, 1);
}

// The n-th of many subscribers.
Ends nth_connection(std::size_t n) {
  Ends ends = quic_ends();
  ends.client = "192.0.2." + std::to_string(1 + n % 250);
  ends.client_port = static_cast<std::uint16_t>(1000 + n / 250);
  return ends;
}
// The n-th port of one subscriber.
Ends nth_port(std::size_t n) {
  Ends ends = quic_ends(static_cast<std::uint16_t>(1000 + n));
  ends.client = "192.0.2.66";
  return ends;
}

PipelineOptions with_connections(std::uint32_t connections) {
  PipelineOptions options = Rig::small();
  options.limits.quic_connections = connections;
  return options;
}

TEST(QuicPools, Q16_ForgedInitialsOfManySubscribersHideNoWholeHello) {
  QuicRig rig(with_connections(64));
  for (std::size_t n = 0; n < 5000; ++n) {
    ASSERT_EQ(rig.reason_of(first_half(kOtherHello, n), nth_connection(n)), pass_pending);
    if (n % 100 == 0) {
      ASSERT_EQ(rig.reason_of(initial_with(kListed, 1'000'000 + n), quic_ends(7)), drop_listed) << n;
    }
  }
}

TEST(QuicPools, Q16_OneSubscribersFloodCostsItsOwnRecords) {
  QuicRig rig(with_connections(64));
  std::size_t stopped = 0;
  for (std::size_t n = 0; n < 30; ++n) {
    EXPECT_EQ(rig.reason_of(first_half(kListedHello, n), nth_connection(n)), pass_pending);
    for (std::size_t flood = 0; flood < 700; ++flood) {
      rig.reason_of(first_half(kOtherHello, 1'000'000 + n * 1000 + flood), nth_port(n * 1000 + flood));
    }
    stopped += rig.reason_of(second_half(kListedHello, n), nth_connection(n)) == drop_listed;
    rig.wait(kNanosecondsPerSecond);
  }
  EXPECT_EQ(stopped, 30u);
}

TEST(QuicPools, Q16_AFloodOfWholeHellosCostsNoUnfinishedOneItsRecord) {
  QuicRig rig(with_connections(64));
  EXPECT_EQ(rig.reason_of(first_half(kListedHello, 1)), pass_pending);
  for (std::size_t n = 0; n < 5000; ++n) {
    ASSERT_EQ(rig.reason_of(initial_with(kOther, 1'000'000 + n), nth_connection(n)), pass_unlisted);
  }
  EXPECT_EQ(rig.reason_of(second_half(kListedHello, 1)), drop_listed);
  EXPECT_EQ(rig.uninspected(), 0u);
}

TEST(QuicPools, Q16_ConnectionsBegunFasterThanCanBeReadAreRefused) {
  QuicRig rig;
  for (std::uint64_t id = 1; id <= 4; ++id) EXPECT_EQ(rig.reason_of(first_half(kListedHello, id)), pass_pending);
  for (std::uint64_t id = 5; id <= 2000; ++id) {
    ASSERT_EQ(rig.reason_of(first_half(kOtherHello, id)), drop_quic_decoys);
  }
  EXPECT_EQ(rig.reason_of(initial_with(kOther, 3000)), pass_unlisted) << "a whole hello needs no record";
  EXPECT_EQ(rig.reason_of(initial_with(kListed, 3001)), drop_listed);
  EXPECT_EQ(rig.reason_of(second_half(kListedHello, 3)), drop_listed);
  EXPECT_EQ(rig.uninspected(), 0u);
}

TEST(QuicPools, ManyWholeHellosBetweenTwoEndsAreNoDecoys) {
  QuicRig rig;
  for (std::uint64_t id = 1; id <= 200; ++id) ASSERT_EQ(rig.reason_of(initial_with(kOther, id)), pass_unlisted);
  EXPECT_EQ(rig.reason_of(first_half(kListedHello, 500)), pass_pending);
  EXPECT_EQ(rig.reason_of(second_half(kListedHello, 500)), drop_listed);
}

TEST(QuicPools, AnUnfinishedConnectionThatGivesWayIsCounted) {
  QuicRig rig(with_connections(16));  // 64 places
  for (std::size_t n = 0; n < 100; ++n) {
    ASSERT_EQ(rig.reason_of(first_half(kListedHello, n), nth_connection(n)), pass_pending);
    rig.wait(20'000'000);
  }
  EXPECT_EQ(rig.uninspected(UninspectedReason::quic_pool), 36u);
  EXPECT_EQ(rig.uninspected(), 36u);
  EXPECT_EQ(rig.reason_of(second_half(kListedHello, 99), nth_connection(99)), drop_listed)
      << "the newest is still read";
  EXPECT_EQ(rig.reason_of(second_half(kListedHello, 0), nth_connection(0)), pass_pending) << "the oldest is forgotten";
}

TEST(QuicPools, LongHellosGiveWayForTheirBlocks) {
  QuicRig rig(with_connections(4));
  const Bytes filler(1100, 0x16);
  for (std::uint64_t id = 0; id < 12; ++id) {  // 12 times 16 blocks are more than there are
    for (std::size_t k = 15; k > 0; --k) {
      ASSERT_EQ(rig.reason_of(QuicInitial(support::quic_id(id)).number(k).crypto(k * 1024, filler), nth_connection(id)),
                k == 15 ? pass_uninspected : pass_pending)
          << id << ' ' << k;
    }
  }
  EXPECT_EQ(rig.uninspected(UninspectedReason::quic_cap), 12u) << "15 x 1,024 and 1,100 bytes are over 16 KiB";
  EXPECT_GT(rig.uninspected(UninspectedReason::quic_pool), 0u);
  EXPECT_EQ(rig.reason_of(initial_with(kListed, 99)), drop_listed);
}

TEST(QuicPools, AStoppedHelloWhoseServerHasAPartNeverGivesWay) {
  QuicRig rig(with_connections(16));
  EXPECT_EQ(rig.reason_of(first_half(kListedHello, 1)), pass_pending);
  EXPECT_EQ(rig.reason_of(second_half(kListedHello, 1)), drop_listed);
  for (std::size_t n = 0; n < 2000; ++n) rig.reason_of(first_half(kOtherHello, 1000 + n), nth_connection(n));
  EXPECT_EQ(rig.reason_of(initial_with(kListedHello, kHalf, kHalf + 50, 1, 2)), drop_blocked_stream);
}

TEST(QuicPools, WithoutAPlaceADatagramIsReadByItself) {
  QuicRig rig(with_connections(1));  // four places, all taken by hellos that were stopped in parts
  for (std::size_t n = 0; n < 4; ++n) {
    EXPECT_EQ(rig.reason_of(first_half(kListedHello, n), nth_connection(n)), pass_pending);
    EXPECT_EQ(rig.reason_of(second_half(kListedHello, n), nth_connection(n)), drop_listed);
  }
  EXPECT_EQ(rig.reason_of(initial_with(kListed, 50), nth_connection(50)), drop_listed);
  EXPECT_EQ(rig.reason_of(initial_with(kOther, 51), nth_connection(51)), pass_unlisted);
  EXPECT_EQ(rig.uninspected(), 0u);
  EXPECT_EQ(rig.reason_of(first_half(kListedHello, 52), nth_connection(52)), pass_uninspected);
  EXPECT_EQ(rig.uninspected(UninspectedReason::quic_pool), 1u);
}

TEST(QuicPools, ConnectionsGrowOld) {
  QuicRig rig;
  for (std::uint64_t id = 1; id <= 4; ++id) EXPECT_EQ(rig.reason_of(first_half(kOtherHello, id)), pass_pending);
  EXPECT_EQ(rig.reason_of(first_half(kOtherHello, 5)), drop_quic_decoys);
  rig.wait(61 * kNanosecondsPerSecond);
  EXPECT_EQ(rig.reason_of(first_half(kOtherHello, 5)), pass_pending) << "no server waits so long for the rest";
  EXPECT_EQ(rig.uninspected(), 0u);
}

TEST(QuicPools, Q16_OverTheBudgetInitialsPassAndAreCounted) {
  PipelineOptions options = Rig::small();
  options.limits.quic_initials_per_s = 1000;
  QuicRig rig(options);
  std::size_t passed = 0;
  for (std::size_t n = 0; n < 1200; ++n)
    passed += rig.reason_of(initial_with(kOther, n), nth_connection(n)) == pass_unlisted;
  EXPECT_EQ(passed, 1000u);
  EXPECT_EQ(rig.reason_of(initial_with(kListed, 5000)), pass_uninspected);
  EXPECT_EQ(rig.uninspected(UninspectedReason::quic_budget), 201u);
  rig.wait(10'000'000);
  EXPECT_EQ(rig.reason_of(initial_with(kListed, 5001)), drop_listed) << "ten more in a hundredth of a second";
}

TEST(QuicPools, Q16_WhatNoServerTakesUsesUpHalfOfTheBudgetAtMost) {
  PipelineOptions options = Rig::small();
  options.limits.quic_initials_per_s = 1000;
  QuicRig rig(options);
  for (std::size_t n = 0; n < 3000; ++n) rig.reason_of(first_half(kOtherHello, n).seal(), nth_connection(n));
  EXPECT_EQ(rig.reason_of(initial_with(kListed, 5000)), drop_listed);
}

TEST(QuicPools, Q16_OneSubscriberUsesUpAQuarterOfTheBudgetAtMost) {
  PipelineOptions options = Rig::small();
  options.limits.quic_initials_per_s = 1000;
  QuicRig rig(options);
  std::size_t refused = 0;
  for (std::size_t n = 0; n < 1000; ++n) {
    refused += rig.reason_of(initial_with(kOther, n), nth_port(n)) == drop_quic_decoys;
  }
  EXPECT_EQ(refused, 750u);
  EXPECT_EQ(rig.reason_of(initial_with(kListed, 5000), nth_port(2000)), drop_quic_decoys) << "nor does it hide a name";
  EXPECT_EQ(rig.reason_of(initial_with(kOther, 5001)), pass_unlisted) << "others are not touched";
  rig.wait(kNanosecondsPerSecond);
  EXPECT_EQ(rig.reason_of(initial_with(kOther, 5002), nth_port(2000)), pass_unlisted);
}

TEST(QuicPools, AHelloOverTheCapIsCountedOnce) {
  PipelineOptions options = Rig::small();
  options.limits.quic_hello_bytes = 4096;
  QuicRig rig(options);
  const Bytes hello = hello_message(kListed, 5000);
  EXPECT_EQ(rig.reason_of(initial_with(hello, 0, 1000, 1)), pass_uninspected);
  EXPECT_EQ(rig.reason_of(initial_with(hello, 1000, 2000, 1, 1)), pass_pending);
  EXPECT_EQ(rig.uninspected(UninspectedReason::quic_cap), 1u);
}

TEST(QuicPools, SizesOutOfRangeAreRefused) {
  counters::WorkerBlock block{};
  const digest::Key key{1, 2};
  for (const auto change :
       {+[](PipelineLimits& l) { l.quic_connections = 0; }, +[](PipelineLimits& l) { l.quic_connections = 1u << 21; },
        +[](PipelineLimits& l) { l.quic_hello_bytes = 0; }, +[](PipelineLimits& l) { l.quic_initials_per_s = 0; }}) {
    PipelineOptions options = Rig::small();
    change(options.limits);
    const auto made = Pipeline::create(options, key, key, block);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, ErrorCode::invalid_argument);
  }
}

}  // namespace
}  // namespace parapet::packet
