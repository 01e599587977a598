// SPDX-License-Identifier: Apache-2.0
// One worker's packet path: decodes a burst, then judges each frame in its turn.
#include "packet/pipeline/pipeline.h"

#include <optional>

#include "packet/pipeline/fragment_reassembly.h"
#include "packet/pipeline/quic_inspector.h"
#include "packet/pipeline/request_judge.h"
#include "packet/pipeline/stream_inspector.h"

namespace parapet::packet {
namespace {

// So many frames ahead of the one that is decoded, headers are on their way into the cache.
constexpr std::size_t kHeadersAhead = 4;

constexpr Fate pass(FrameReason reason) noexcept { return {reason, false}; }

class WorkerPipeline final : public Pipeline {
 public:
  WorkerPipeline(const digest::Key& flow_key, const digest::Key& digest_key, counters::WorkerBlock& block) noexcept
      : block_(block), judge_(digest_key, block), hasher_(flow_key) {}

  Status take_memory(const PipelineOptions& options, const digest::Key& flow_key) {
    if (options.limits.encapsulation_depth > kMaxCarriers) {
      return fail(ErrorCode::invalid_argument, "encapsulation depth: up to 4 carriers are followed");
    }
    depth_ = options.limits.encapsulation_depth;
    realms_ = options.realms;
    auto inspector = StreamInspector::create(options, flow_key, judge_, block_);
    if (!inspector) return std::unexpected(inspector.error());
    streams_ = std::move(*inspector);
    auto quic = QuicInspector::create(options, flow_key, judge_, block_);
    if (!quic) return std::unexpected(quic.error());
    quic_ = std::move(*quic);
    auto fragments = FragmentReassembly::create(options.limits, flow_key);
    if (!fragments) return std::unexpected(fragments.error());
    fragments_.emplace(std::move(*fragments));
    return {};
  }

  void process(std::span<Frame> frames, std::span<Fate> fates, const InForce& in_force, Nanoseconds now,
               InjectionQueue& injections) noexcept override {
    judge_.use(in_force.snapshot, now + in_force.ahead_ns);
    streams_->begin_burst(now, injections);
    quic_->begin_burst(now);
    count_lost(fragments_->begin_burst(now));
    for (std::size_t i = 0; i < frames.size(); ++i) {
      if (i + kHeadersAhead < frames.size()) prefetch(frames[i + kHeadersAhead]);
      decode(frames[i], depth_, burst_[i]);
    }
    for (std::size_t i = 0; i < frames.size(); ++i) {
      fates[i] = judge_frame(frames[i], burst_[i], {i, 0});
      counters::add(block_.reasons[index_of(fates[i].reason)]);
    }
    judge_.use(nullptr, 0);
  }

  void set_actions(TcpAction tcp) noexcept override { streams_->set_resets(tcp == TcpAction::reset); }
  void set_timeouts(Nanoseconds idle_ns, Nanoseconds block_hold_ns) noexcept override {
    streams_->set_timeouts(idle_ns, block_hold_ns);
    quic_->set_block_hold(block_hold_ns);
  }
  void set_request_sink(RequestSink* sink) noexcept override { judge_.set_sink(sink); }

 private:
  struct Slot {
    Decoded decoded;
    StreamKey key;
    std::uint64_t hash;
  };

  // Where a packet comes from: a frame of the burst, or a datagram that one completed.
  struct Origin {
    std::size_t frame;
    unsigned level;  // 0: the frame itself
  };

  // Headers, and of what may be a request its first bytes.
  static void prefetch(const Frame& frame) noexcept {
    __builtin_prefetch(frame.data);
    if (frame.side == Side::subscriber) __builtin_prefetch(frame.data + 64);
  }

  void decode(Frame& frame, unsigned depth, Slot& slot) noexcept {
    decode_packet({frame.data, frame.length}, frame.link, slot.decoded, depth);
    frame.realm = realms_.realm_of(frame.pair, slot.decoded, frame.realm);
    if (slot.decoded.outcome != DecodeOutcome::tcp) return;
    slot.key = stream_key_of(slot.decoded.flow, frame.side, frame.realm);
    slot.hash = hasher_.stream(slot.key);
    streams_->prefetch(slot.hash);
  }

  Fate judge_frame(Frame& frame, Slot& slot, Origin origin) noexcept {
    const bool from_subscriber = frame.side == Side::subscriber;
    switch (slot.decoded.outcome) {
      case DecodeOutcome::tcp: {
        Segment segment{frame, slot.decoded, origin.frame, slot.key, slot.hash};
        return from_subscriber ? streams_->inspect_from_subscriber(segment) : streams_->inspect_from_transit(segment);
      }
      case DecodeOutcome::udp:
        return from_subscriber ? judge_datagram(frame, slot.decoded, origin.frame)
                               : pass(FrameReason::pass_from_transit);
      case DecodeOutcome::not_ip: return pass(FrameReason::pass_not_ip);
      case DecodeOutcome::other_protocol: return pass(FrameReason::pass_other_protocol);
      case DecodeOutcome::fragment:
        return from_subscriber ? judge_fragment(frame, slot.decoded, origin) : pass(FrameReason::pass_fragment);
      case DecodeOutcome::too_deep: return pass_unread(from_subscriber, UninspectedReason::encapsulation_depth);
      case DecodeOutcome::long_chain: return pass_unread(from_subscriber, UninspectedReason::extension_headers);
      case DecodeOutcome::invalid_headers:
        return from_subscriber ? Fate{FrameReason::drop_invalid_headers, true} : pass(FrameReason::pass_malformed);
      case DecodeOutcome::malformed: break;
    }
    return pass(FrameReason::pass_malformed);
  }

  [[gnu::noinline]] Fate judge_fragment(const Frame& frame, const Decoded& decoded, Origin origin) noexcept {
    FragmentReassembly::Taken taken = fragments_->take(frame, decoded, origin.level);
    count_lost(taken.uninspected);
    if (taken.fate) return *taken.fate;
    Slot slot;
    decode(taken.whole, depth_ - decoded.carriers, slot);
    const Fate fate = judge_frame(taken.whole, slot, {origin.frame, origin.level + 1});
    const FragmentReassembly::Taken settled = fragments_->settle(taken.whole, fate, origin.level);
    count_lost(settled.uninspected);
    return *settled.fate;
  }
  void count_lost(std::uint32_t datagrams) noexcept {
    judge_.count_uninspected(UninspectedReason::fragment, datagrams);
  }

  Fate pass_unread(bool from_subscriber, UninspectedReason reason) noexcept {
    if (!from_subscriber) return pass(FrameReason::pass_from_transit);
    judge_.count_uninspected(reason);
    return pass(FrameReason::pass_uninspected);
  }

  [[gnu::noinline]] Fate judge_datagram(const Frame& frame, const Decoded& decoded, std::size_t index) noexcept {
    const ByteView bytes{frame.data, frame.length};
    const ByteView payload = bytes.subspan(decoded.payload_offset, decoded.payload_length);
    FrameReason without_question = FrameReason::pass_bulk;
    if (has_long_form(payload)) {
      if (!streams_->believes_checksum(bytes, decoded)) return pass(FrameReason::pass_bad_checksum);
      const std::optional<Fate> fate = quic_->inspect({decoded, frame.realm, index, payload});
      if (fate && fate->reason != FrameReason::pass_uninspected) return *fate;
      if (fate) without_question = fate->reason;
    }
    switch (read_datagram_questions(payload, decoded.flow.destination_port, questions_)) {
      case DnsOutcome::query: break;
      case DnsOutcome::not_query: return pass(without_question);
      case DnsOutcome::malformed: return pass(FrameReason::pass_malformed);
    }
    if (!streams_->believes_checksum(bytes, decoded)) return pass(FrameReason::pass_bad_checksum);
    bool listed = false, shadow = false, uninspected = false;
    for (std::size_t i = 0; i < questions_.count; ++i) {
      const RequestJudge::Judged judged =
          judge_.judge_question(questions_.questions[i].view(), {index, &decoded.flow, frame.realm});
      listed |= judged.verdict == Verdict::block;
      shadow |= judged.verdict == Verdict::shadow;
      uninspected |= judged.uninspected;
      wipe(questions_.questions[i].labels.data(), questions_.questions[i].length);
    }
    if (listed) return {FrameReason::drop_listed, true};
    if (uninspected) return pass(FrameReason::pass_uninspected);
    return pass(shadow ? FrameReason::pass_shadow : FrameReason::pass_unlisted);
  }

  counters::WorkerBlock& block_;
  RequestJudge judge_;
  FlowHasher hasher_;
  unsigned depth_ = kMaxCarriers;
  RealmRules realms_;
  std::unique_ptr<StreamInspector> streams_;
  std::unique_ptr<QuicInspector> quic_;
  std::optional<FragmentReassembly> fragments_;
  std::array<Slot, kMaxBurst> burst_;
  DnsQuestions questions_;
};

}  // namespace

Result<std::unique_ptr<Pipeline>> Pipeline::create(const PipelineOptions& options, const digest::Key& flow_key,
                                                   const digest::Key& digest_key, counters::WorkerBlock& block) {
  auto pipeline = std::make_unique<WorkerPipeline>(flow_key, digest_key, block);
  if (Status status = pipeline->take_memory(options, flow_key); !status) return std::unexpected(status.error());
  return pipeline;
}

}  // namespace parapet::packet
