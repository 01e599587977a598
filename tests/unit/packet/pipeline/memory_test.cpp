// SPDX-License-Identifier: Apache-2.0
// The packet path allocates nothing, and no listed name outlives its use in it.
#include <malloc.h>

#include <algorithm>

#include "counting_allocator.h"
#include "http2_builder.h"
#include "packet/pipeline/stream_inspector.h"
#include "quic_rig.h"

namespace parapet::packet {
namespace {

using support::client_hello;
using support::get;

std::vector<Sent> mixed_traffic() {
  std::vector<Sent> all;
  for (std::uint16_t n = 1; n <= 300; ++n) {
    const TcpConversation talk({"192.0.2.10", "198.51.100.20", n, 80}, n * 7919u, n * 104729u);
    for (const Sent& sent : talk.handshake()) all.push_back(sent);
    const Bytes hello = client_hello(n % 3 == 0 ? kListed : kOther, n * 5 % 900);
    const ByteView view{hello};
    const std::size_t half = view.size() / 2;
    switch (n % 5) {
      case 0: all.push_back(talk.data(0, view)); break;
      case 1:
        all.push_back(talk.data(half, view.subspan(half)));
        all.push_back(talk.data(0, view.first(half)));
        break;
      case 2: all.push_back(talk.data(0, view.first(half))); break;
      case 3: all.push_back(talk.data(0, get(kOther) + get(kListed))); break;
      default: all.push_back(talk.data(0, get(kOther))); all.push_back(talk.data(0, get("benign.example.test")));
    }
    all.push_back(talk.server_ack(half));
    const TcpConversation frames({"192.0.2.10", "198.51.100.30", n, 80}, n * 31u, n * 37u);
    for (const Sent& sent : frames.handshake()) all.push_back(sent);
    support::HpackEncoder encoder;
    Bytes http2 = support::http2::opening();
    for (std::uint32_t i = 0; i < n % 4; ++i) {
      support::append(http2, support::http2::headers(2 * i + 1, encoder.block(support::http2::get(kOther, "/"))));
    }
    support::append(http2, support::http2::headers_in_pieces(
                               99, encoder.block(support::http2::get(n % 2 == 0 ? kListed : kOther, "/")), 9));
    all.push_back(frames.data(0, ByteView{http2}.first(http2.size() / 2)));
    all.push_back(frames.data(http2.size() / 2, ByteView{http2}.subspan(http2.size() / 2)));
    Bytes initials = initial_with(n % 2 == 0 ? kListed : kOther, n).seal();
    if (n % 3 == 0) initials = initial_with(hello_message(kListed), n % 2 * 50, 110, n).seal();
    support::append(initials, QuicInitial(support::quic_id(n)).version(support::kQuicV2).bad_tag().ping().seal());
    all.push_back({PacketBuilder(quic_ends(n)).payload(initials).udp(), Side::subscriber});
    Ends dns{"192.0.2.10", "198.51.100.53", n, 53};
    all.push_back(
        {PacketBuilder(dns).payload(support::dns_query({n % 2 == 0 ? kListed : kOther})).udp(), Side::subscriber});
  }
  return all;
}

TEST(Memory, ProcessingAllocatesNothing) {
  PipelineOptions options = Rig::small();
  options.records = 64;  // so that records are evicted, too
  options.limits.quic_connections = 8;
  Rig rig({{"tiny", snapshot::ListState::enforce, {"host:" + kListed}}}, options);
  std::vector<Sent> traffic = mixed_traffic();
  std::vector<Frame> frames;
  for (Sent& sent : traffic) {
    frames.push_back(
        {sent.bytes.data(), static_cast<std::uint32_t>(sent.bytes.size()), sent.side, {}, LinkType::ethernet});
  }
  std::vector<Fate> fates(kMaxBurst);
  InjectionQueue injections;
  std::vector<std::uint64_t> reasons_before(std::begin(rig.block().reasons), std::end(rig.block().reasons));

  const std::uint64_t before = support::allocations() + support::libcrypto_allocations();
  const std::size_t heap_before = ::mallinfo2().uordblks;
  Nanoseconds now = rig.now();
  for (std::size_t at = 0; at < frames.size(); at += kMaxBurst) {
    const std::size_t count = std::min(kMaxBurst, frames.size() - at);
    injections.clear();
    rig.pipeline().process({frames.data() + at, count}, {fates.data(), count}, &rig.snapshot(), now, injections);
    now += 1'000'000;
  }
  const std::size_t heap_after = ::mallinfo2().uordblks;
  EXPECT_EQ(support::allocations() + support::libcrypto_allocations() - before, 0u);
  EXPECT_GT(support::libcrypto_allocations(), 0u) << "those of create(): they are counted";
  EXPECT_EQ(heap_after, heap_before) << "nor by malloc";
  EXPECT_GT(rig.reason(FrameReason::drop_listed), 100u);
  EXPECT_GT(rig.reason(FrameReason::pass_cut), 10u);
  EXPECT_GT(rig.requests(Protocol::quic, Verdict::block), 50u);
  EXPECT_GT(rig.uninspected(UninspectedReason::quic_pool), 10u) << "places were given up, too";
}

// Whether any of the names, or a good part of it, stands in the bytes.
bool holds(ByteView bytes, std::string_view needle) {
  return std::search(bytes.begin(), bytes.end(), needle.begin(), needle.end()) != bytes.end();
}

class InspectorTest : public ::testing::Test {
 protected:
  InspectorTest() {
    inspector_ = std::move(*StreamInspector::create(Rig::small(), flow_key_, judge_, block_));
    judge_.use(&list_.snapshot(), 0);
  }
  Fate take(Sent& sent) {
    Frame frame{sent.bytes.data(), static_cast<std::uint32_t>(sent.bytes.size()), sent.side, {}, LinkType::ethernet};
    Decoded decoded = decode_packet(sent.bytes, LinkType::ethernet);
    const StreamKey key = stream_key_of(decoded.flow, frame.side, frame.realm);
    Segment segment{frame, decoded, 0, key, FlowHasher(flow_key_).stream(key)};
    inspector_->begin_burst(now_, injections_);
    return frame.side == Side::subscriber ? inspector_->inspect_from_subscriber(segment)
                                          : inspector_->inspect_from_transit(segment);
  }
  Fate take(Sent&& sent) { return take(sent); }
  void shake_hands(const TcpConversation& talk) {
    for (Sent& sent : talk.handshake()) take(sent);
  }
  bool remembers(std::string_view text) const {
    const ByteView whole{reinterpret_cast<const std::uint8_t*>(inspector_.get()), sizeof *inspector_};
    return holds(inspector_->kept().memory(), text) || holds(inspector_->texts(), text) ||
           holds(inspector_->hpack().bytes(), text) || holds(whole, text);
  }

  const digest::Key flow_key_{5, 6};
  TinyList list_{"host:" + kListed};
  counters::WorkerBlock block_{};
  RequestJudge judge_{support::kTestKey, block_};
  std::unique_ptr<StreamInspector> inspector_;
  InjectionQueue injections_;
  Nanoseconds now_ = 5'000'000'000;
};

TEST_F(InspectorTest, AListedNameIsWipedWhenItsRequestIsStopped) {
  const TcpConversation talk({}, 4200);  // no block border in the first bytes
  shake_hands(talk);
  const std::string listed = get(kListed);
  const std::size_t cut = listed.find(kListed) + kListed.size() - 2;
  EXPECT_EQ(take(talk.data(0, listed.substr(0, cut))).reason, FrameReason::pass_pending);
  EXPECT_TRUE(remembers("listed.example.te")) << "an unfinished message is kept: the search works";
  EXPECT_EQ(take(talk.data(cut, listed.substr(cut))).reason, FrameReason::drop_listed);
  EXPECT_FALSE(remembers(kListed));
  EXPECT_TRUE(remembers("listed.example.te")) << "forwarded, not acknowledged";
  take(talk.server_ack(cut));
  EXPECT_FALSE(remembers("listed.ex"));
}

TEST_F(InspectorTest, KeptBytesGoWithTheServersAcknowledgement) {
  const TcpConversation talk({}, 4200);  // no block border in the first bytes
  shake_hands(talk);
  const Bytes hello = client_hello(kOther);
  take(talk.data(0, ByteView{hello}));
  EXPECT_TRUE(remembers(kOther));
  take(talk.server_ack(hello.size()));
  EXPECT_FALSE(remembers("other.ex"));
}

TEST_F(InspectorTest, NothingIsLeftOfARequestInOneSegmentThatWasCut) {
  const TcpConversation talk({}, 4200);  // no block border in the first bytes
  shake_hands(talk);
  Sent sent = talk.data(0, get(kOther) + get(kListed));
  EXPECT_EQ(take(sent).reason, FrameReason::pass_cut);
  EXPECT_FALSE(remembers("listed.ex"));
  EXPECT_FALSE(holds(sent.bytes, "listed.ex")) << "the frame's own buffer, too";
}

TEST_F(InspectorTest, OutOfOrderPartsOfAListedRequestAreWiped) {
  const TcpConversation talk({}, 4200);  // no block border in the first bytes
  shake_hands(talk);
  const std::string listed = get(kListed);
  EXPECT_EQ(take(talk.data(10, listed.substr(10))).reason, FrameReason::pass_pending);
  EXPECT_TRUE(remembers(kListed));
  EXPECT_EQ(take(talk.data(0, listed.substr(0, 10))).reason, FrameReason::drop_listed);
  EXPECT_FALSE(remembers("listed.ex"));
}

TEST_F(InspectorTest, AnHpackTableIsWipedWhenItsStreamIsStopped) {
  const TcpConversation talk({}, 4200);  // no block border in the first bytes
  shake_hands(talk);
  support::HpackEncoder encoder;
  Bytes stream = support::http2::opening();
  support::append(stream, support::http2::headers(1, encoder.block({{":authority", kOther}, {"x-seen", kListed}})));
  EXPECT_EQ(take(talk.data(0, stream)).reason, FrameReason::pass_unlisted);
  EXPECT_TRUE(holds(inspector_->hpack().bytes(), kListed)) << "it stands in the table: the search works";
  const Bytes listed = support::http2::headers(3, encoder.block({{":authority", kListed}}));
  EXPECT_EQ(take(talk.data(stream.size(), listed)).reason, FrameReason::drop_listed);
  EXPECT_FALSE(holds(inspector_->hpack().bytes(), "listed.ex"));
}

TEST_F(InspectorTest, AnUnfinishedQuestionOverTcpIsWipedWhenItIsStopped) {
  const TcpConversation talk({"192.0.2.10", "198.51.100.20", 1, 53}, 4200);  // no block border in the first bytes
  shake_hands(talk);
  Bytes message = support::dns_query({kListed});
  message.insert(message.begin(), {0, static_cast<std::uint8_t>(message.size())});
  const std::size_t cut = message.size() - 3;
  EXPECT_EQ(take(talk.data(0, ByteView{message}.first(cut))).reason, FrameReason::pass_pending);
  const std::string_view label = "\6listed\7exa";
  EXPECT_TRUE(remembers(label)) << "an unfinished message is kept: the search works";
  EXPECT_EQ(take(talk.data(cut, ByteView{message}.subspan(cut))).reason, FrameReason::drop_listed);
  take(talk.server_ack(cut));
  EXPECT_FALSE(remembers(label));
}

TEST_F(InspectorTest, NothingIsLeftWhenRecordsGrowOld) {
  const TcpConversation talk({}, 4200);  // no block border in the first bytes
  shake_hands(talk);
  EXPECT_EQ(take(talk.data(0, get(kListed).substr(0, 50))).reason, FrameReason::pass_pending);
  now_ += 301 * kNanosecondsPerSecond;
  for (int i = 0; i < 100; ++i) take(talk.ack());
  EXPECT_FALSE(remembers("listed.ex"));
}

}  // namespace
}  // namespace parapet::packet
