// SPDX-License-Identifier: Apache-2.0
// No listed name outlives its use in what reads QUIC.
#include <algorithm>

#include "packet/pipeline/quic_inspector.h"
#include "quic_rig.h"

namespace parapet::packet {
namespace {

bool has_bytes(ByteView bytes, std::string_view needle) {
  return std::search(bytes.begin(), bytes.end(), needle.begin(), needle.end()) != bytes.end();
}

class QuicInspectorTest : public ::testing::Test {
 protected:
  QuicInspectorTest() {
    inspector_ = std::move(*QuicInspector::create(Rig::small(), {5, 6}, judge_, block_));
    judge_.use(&list_.snapshot(), 0);
  }
  FrameReason take(const Bytes& payload) {
    const Bytes frame = PacketBuilder(quic_ends()).payload(payload).udp();
    const Decoded decoded = decode(frame);
    inspector_->begin_burst(now_);
    const auto fate =
        inspector_->inspect({decoded, {}, 0, ByteView{frame}.subspan(decoded.payload_offset, decoded.payload_length)});
    return fate ? fate->reason : FrameReason::pass_bulk;
  }
  bool remembers(std::string_view text) const {
    const ByteView whole{reinterpret_cast<const std::uint8_t*>(inspector_.get()), sizeof *inspector_};
    return has_bytes(inspector_->connections().memory(), text) ||
           has_bytes(inspector_->connections().kept().memory(), text) || has_bytes(inspector_->opened(), text) ||
           has_bytes(whole, text);
  }

  TinyList list_{"host:" + kListed};
  counters::WorkerBlock block_{};
  RequestJudge judge_{support::kTestKey, block_};
  std::unique_ptr<QuicInspector> inspector_;
  Nanoseconds now_ = 5'000'000'000;
};

TEST_F(QuicInspectorTest, AListedNameIsWipedWhenItsHelloIsStopped) {
  const Bytes hello = hello_message(kListed);
  EXPECT_EQ(take(initial_with(hello, 20, hello.size(), 1).seal()), FrameReason::pass_pending);
  EXPECT_TRUE(remembers(kListed)) << "an unfinished hello is kept: the search works";
  EXPECT_EQ(take(initial_with(hello, 0, 20, 1, 1).seal()), FrameReason::drop_listed);
  EXPECT_FALSE(remembers("listed.ex"));
}

TEST_F(QuicInspectorTest, NothingIsLeftOfAListedHelloInOneDatagram) {
  EXPECT_EQ(take(initial_with(kListed, 1).seal()), FrameReason::drop_listed);
  EXPECT_FALSE(remembers("listed.ex"));
}

TEST_F(QuicInspectorTest, NothingIsLeftOfARefusedDatagram) {
  Bytes payload = initial_with(kListed, 1).bad_tag().seal();
  EXPECT_EQ(take(payload), FrameReason::pass_bulk);
  payload = initial_with(hello_message(kListed), 10, 100, 1).seal();
  support::append(payload, initial_with(kOther, 2).seal());
  EXPECT_EQ(take(payload), FrameReason::drop_quic_decoys);
  EXPECT_FALSE(remembers("listed.ex"));
}

TEST_F(QuicInspectorTest, NothingIsLeftWhenConnectionsGrowOld) {
  EXPECT_EQ(take(initial_with(hello_message(kListed), 10, 105, 1).seal()), FrameReason::pass_pending);
  EXPECT_EQ(take(initial_with(kOther, 2).seal()), FrameReason::pass_unlisted);
  EXPECT_TRUE(remembers("listed.ex"));
  EXPECT_TRUE(remembers("other.ex")) << "its bytes may come again with another content";
  now_ += 61 * kNanosecondsPerSecond;
  for (int i = 0; i < 30; ++i) inspector_->begin_burst(now_);
  EXPECT_FALSE(remembers("listed.ex"));
  EXPECT_FALSE(remembers("other.ex"));
}

}  // namespace
}  // namespace parapet::packet
