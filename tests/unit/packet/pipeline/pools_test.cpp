// SPDX-License-Identifier: Apache-2.0
// Bounded pools: what happens when they are full, old, or fought over.
#include "rig.h"

namespace parapet::packet {
namespace {

using support::get;

TcpConversation nth(std::uint16_t n) {
  return TcpConversation({"192.0.2.10", "198.51.100.20", static_cast<std::uint16_t>(1000 + n), 80}, 4200u + n,
                         5000);  // no block border in the first bytes
}

TEST(Pools, AnUnfinishedStreamThatGivesWayIsCounted) {
  PipelineOptions options = Rig::small();
  options.records = 16;
  Rig rig({{"tiny", snapshot::ListState::enforce, {"host:" + kListed}}}, options);
  for (std::uint16_t n = 0; n < 40; ++n) {
    rig.shake_hands(nth(n));
    EXPECT_EQ(rig.send(nth(n).data(0, get(kOther).substr(0, 20))).fate.reason, FrameReason::pass_pending);
    rig.wait(20'000'000);
  }
  EXPECT_EQ(rig.uninspected(UninspectedReason::record_evicted), 24u);
  EXPECT_EQ(rig.uninspected(), 24u);
  EXPECT_EQ(rig.send(nth(39).data(20, get(kListed).substr(20))).fate.reason, FrameReason::drop_listed)
      << "the newest is still read";
}

TEST(Pools, FinishedAndIdleStreamsGiveWayFirstAndUncounted) {
  PipelineOptions options = Rig::small();
  options.records = 16;
  Rig rig({{"tiny", snapshot::ListState::enforce, {"host:" + kListed}}}, options);
  for (std::uint16_t n = 0; n < 200; ++n) {
    rig.shake_hands(nth(n));
    EXPECT_EQ(rig.send(nth(n).data(0, get(kOther))).fate.reason, FrameReason::pass_unlisted);
  }
  EXPECT_EQ(rig.uninspected(), 0u);
  // A stream without a record is picked up at its next request.
  EXPECT_EQ(rig.send(nth(3).data(get(kOther).size(), get(kListed))).fate.reason, FrameReason::drop_listed);
}

TEST(Pools, BlockedStreamsKeepTheirRecords) {
  PipelineOptions options = Rig::small();
  options.records = 4;
  Rig rig({{"tiny", snapshot::ListState::enforce, {"host:" + kListed}}}, options);
  for (std::uint16_t n = 0; n < 4; ++n) {
    rig.shake_hands(nth(n));
    EXPECT_EQ(rig.send(nth(n).data(0, get(kListed))).fate.reason, FrameReason::drop_listed);
  }
  rig.shake_hands(nth(9));
  EXPECT_EQ(rig.send(nth(9).data(0, get(kOther))).fate.reason, FrameReason::pass_uninspected);
  EXPECT_EQ(rig.uninspected(UninspectedReason::record_pool), 1u);
  EXPECT_EQ(rig.send(nth(9).data(0, get(kListed))).fate.reason, FrameReason::drop_listed)
      << "what one segment holds is read without a record";
  EXPECT_EQ(rig.send(nth(0).data(0, get(kListed))).fate.reason, FrameReason::drop_blocked_stream);
}

// One that sends the beginning of a request for `host` and never shook hands.
Seen send_unproven(Rig& rig, std::uint16_t n, const std::string& host) {
  return rig.send(nth(n).data(0, get(host).substr(0, 40)));
}

TEST(Pools, AFinishedMessageGivesItsBufferBack) {
  PipelineOptions options = Rig::small();
  options.messages = 1;
  Rig rig({{"tiny", snapshot::ListState::enforce, {"host:" + kListed}}}, options);
  for (std::uint16_t n = 0; n < 3; ++n) {
    rig.shake_hands(nth(n));
    EXPECT_EQ(rig.send(nth(n).data(0, get(kOther).substr(0, 40))).fate.reason, FrameReason::pass_pending);
    EXPECT_EQ(rig.send(nth(n).data(40, get(kOther).substr(40))).fate.reason, FrameReason::pass_unlisted);
  }
  EXPECT_EQ(rig.uninspected(), 0u);
}

TEST(Pools, ANewMessageTakesTheBufferOfTheLongestSilentOne) {
  PipelineOptions options = Rig::small();
  options.messages = 2;
  Rig rig({{"tiny", snapshot::ListState::enforce, {"host:" + kListed}}}, options);
  for (std::uint16_t n = 0; n < 3; ++n) {
    rig.shake_hands(nth(n));
    EXPECT_EQ(rig.send(nth(n).data(0, get(kListed).substr(0, 40))).fate.reason, FrameReason::pass_pending);
    rig.wait(kNanosecondsPerSecond);
  }
  EXPECT_EQ(rig.uninspected(UninspectedReason::record_evicted), 1u);
  for (std::uint16_t n = 1; n < 3; ++n) {
    EXPECT_EQ(rig.send(nth(n).data(40, get(kListed).substr(40))).fate.reason, FrameReason::drop_listed);
  }
}

TEST(Pools, NobodyWithoutHandshakeEvidenceTakesTheBufferOfOneWhoShowedIt) {
  PipelineOptions options = Rig::small();
  options.messages = 2;
  Rig rig({{"tiny", snapshot::ListState::enforce, {"host:" + kListed}}}, options);
  EXPECT_EQ(send_unproven(rig, 0, kOther).fate.reason, FrameReason::pass_pending);
  for (std::uint16_t n = 1; n < 3; ++n) {
    rig.shake_hands(nth(n));
    EXPECT_EQ(rig.send(nth(n).data(0, get(kListed).substr(0, 40))).fate.reason, FrameReason::pass_pending);
  }
  EXPECT_EQ(rig.uninspected(UninspectedReason::record_evicted), 1u) << "the unproven one gave way";
  for (std::uint16_t n = 3; n < 50; ++n) {
    EXPECT_EQ(send_unproven(rig, n, kOther).fate.reason, FrameReason::pass_uninspected);
  }
  EXPECT_EQ(rig.uninspected(UninspectedReason::message_pool), 47u);
  for (std::uint16_t n = 1; n < 3; ++n) {
    EXPECT_EQ(rig.send(nth(n).data(40, get(kListed).substr(40))).fate.reason, FrameReason::drop_listed);
  }
}

TEST(Pools, WhileBuffersAreShortUnprovenRequestsAreGivenUpSoon) {
  PipelineOptions options = Rig::small();
  options.messages = 16;
  Rig rig({{"tiny", snapshot::ListState::enforce, {"host:" + kListed}}}, options);
  rig.shake_hands(nth(20));
  EXPECT_EQ(rig.send(nth(20).data(0, get(kListed).substr(0, 40))).fate.reason, FrameReason::pass_pending);
  for (std::uint16_t n = 0; n < 15; ++n) {
    EXPECT_EQ(send_unproven(rig, n, kOther).fate.reason, FrameReason::pass_pending);
  }
  rig.wait(3 * kNanosecondsPerSecond);
  for (std::uint32_t burst = 0; burst < options.records; ++burst) rig.send(nth(20).syn());
  EXPECT_GE(rig.uninspected(UninspectedReason::record_evicted), 2u);
  EXPECT_LT(rig.block().records_in_use, 16u);
  const std::uint64_t given_up = rig.uninspected();
  for (std::uint32_t burst = 0; burst < options.records; ++burst) rig.send(nth(20).syn());
  EXPECT_EQ(rig.uninspected(), given_up) << "enough are free again";
  EXPECT_EQ(rig.send(nth(20).data(40, get(kListed).substr(40))).fate.reason, FrameReason::drop_listed);
}

TEST(Pools, AStreamWhoseFirstBytesAreAwaitedIsNotIdle) {
  PipelineOptions options = Rig::small();
  options.records = 4;
  Rig rig({{"tiny", snapshot::ListState::enforce, {"host:" + kListed}}}, options);
  rig.shake_hands(nth(0));
  EXPECT_EQ(rig.send(nth(0).data(40, get(kListed).substr(40))).fate.reason, FrameReason::pass_pending);
  for (std::uint16_t n = 1; n < 20; ++n) {
    rig.wait(kNanosecondsPerSecond);  // of equals the oldest gives way, and that is the one which waits
    rig.shake_hands(nth(n));
    EXPECT_EQ(rig.send(nth(n).data(0, get(kOther))).fate.reason, FrameReason::pass_unlisted);
  }
  EXPECT_EQ(rig.uninspected(), 0u);
  EXPECT_EQ(rig.send(nth(0).data(0, get(kListed).substr(0, 40))).fate.reason, FrameReason::drop_listed);
}

TEST(Pools, BlocksOfABlockedStreamGoToOthersAndItStaysBlocked) {
  PipelineOptions options = Rig::small();
  options.kept_blocks = 1;
  options.records = 32;
  Rig rig({{"tiny", snapshot::ListState::enforce, {"host:" + kListed}}}, options);
  rig.shake_hands(nth(0));
  EXPECT_EQ(rig.send(nth(0).data(0, get(kListed).substr(0, 40))).fate.reason, FrameReason::pass_pending);
  EXPECT_EQ(rig.send(nth(0).data(40, get(kListed).substr(40))).fate.reason, FrameReason::drop_listed);
  rig.shake_hands(nth(1));
  EXPECT_EQ(rig.send(nth(1).data(0, get(kOther).substr(0, 40))).fate.reason, FrameReason::pass_pending);
  EXPECT_EQ(rig.uninspected(), 0u);
  EXPECT_EQ(rig.send(nth(0).data(0, get(kListed))).fate.reason, FrameReason::drop_blocked_stream);
}

TEST(Pools, NoBlockForKeptBytesIsCountedAndReadingGoesOn) {
  PipelineOptions options = Rig::small();
  options.kept_blocks = 1;
  Rig rig({{"tiny", snapshot::ListState::enforce, {"host:" + kListed}}}, options);
  rig.shake_hands(nth(0));
  rig.shake_hands(nth(1));
  EXPECT_EQ(rig.send(nth(0).data(0, get(kListed).substr(0, 40))).fate.reason, FrameReason::pass_pending);
  EXPECT_EQ(rig.send(nth(1).data(0, get(kListed).substr(0, 40))).fate.reason, FrameReason::pass_pending);
  EXPECT_EQ(rig.uninspected(UninspectedReason::kept_pool), 1u);
  EXPECT_EQ(rig.send(nth(1).data(40, get(kListed).substr(40))).fate.reason, FrameReason::drop_listed);
  EXPECT_EQ(rig.send(nth(0).data(45, get(kListed).substr(45))).fate.reason, FrameReason::pass_pending) << "same block";
  EXPECT_EQ(rig.send(nth(0).data(2000, "x")).fate.reason, FrameReason::drop_reorder_cap) << "no block: TCP asks again";
}

TEST(Pools, RecordsGrowOld) {
  Rig rig{"host:" + kListed};
  for (std::uint16_t n = 0; n < 50; ++n) {
    rig.shake_hands(nth(n));
    rig.send(nth(n).data(0, get(kOther)));
  }
  rig.send(nth(0).ack());
  EXPECT_EQ(rig.block().records_in_use, 50u);
  rig.wait(301 * kNanosecondsPerSecond);
  for (int i = 0; i < 100; ++i) rig.send(nth(0).ack());
  EXPECT_EQ(rig.block().records_in_use, 0u);
  EXPECT_EQ(rig.uninspected(), 0u);
}

TEST(Pools, ASilentServerHoldsUpNobody) {
  // One direction alone is seen: what cannot be kept is let go, oldest first, and reading goes on.
  Rig rig{"host:" + kListed};
  const TcpConversation talk = nth(0);
  std::size_t at = 0;
  const std::string padded = "GET / HTTP/1.1\r\nHost: " + kOther + "\r\nX: " + std::string(1300, 'x') + "\r\n\r\n";
  for (int i = 0; i < 40; ++i) {
    ASSERT_EQ(rig.send(talk.data(at, padded)).fate.reason, FrameReason::pass_unlisted) << i;
    at += padded.size();
  }
  EXPECT_EQ(rig.send(talk.data(at, get(kListed))).fate.reason, FrameReason::drop_listed);
  EXPECT_EQ(rig.uninspected(), 0u);
}

TEST(Pools, SizesOutOfRangeAreRefused) {
  counters::WorkerBlock block{};
  const digest::Key key{1, 2};
  for (const auto change :
       {+[](PipelineOptions& o) { o.handshake_slots = 1000; }, +[](PipelineOptions& o) { o.records = 0; },
        +[](PipelineOptions& o) { o.messages = 0; }, +[](PipelineOptions& o) { o.kept_blocks = 0; }}) {
    PipelineOptions options = Rig::small();
    change(options);
    const auto made = Pipeline::create(options, key, key, block);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, ErrorCode::invalid_argument);
  }
}

}  // namespace
}  // namespace parapet::packet
