// SPDX-License-Identifier: Apache-2.0
// One worker's packet path: decodes a burst, then judges each frame in its turn.
#include "packet/pipeline/pipeline.h"

#include "packet/pipeline/quic_inspector.h"
#include "packet/pipeline/request_judge.h"
#include "packet/pipeline/stream_inspector.h"

namespace parapet::packet {
namespace {

constexpr Fate pass(FrameReason reason) noexcept { return {reason, false}; }

class WorkerPipeline final : public Pipeline {
 public:
  WorkerPipeline(const digest::Key& flow_key, const digest::Key& digest_key, counters::WorkerBlock& block) noexcept
      : block_(block), judge_(digest_key, block), hasher_(flow_key) {}

  Status take_memory(const PipelineOptions& options, const digest::Key& flow_key) {
    auto inspector = StreamInspector::create(options, flow_key, judge_, block_);
    if (!inspector) return std::unexpected(inspector.error());
    streams_ = std::move(*inspector);
    auto quic = QuicInspector::create(options, flow_key, judge_, block_);
    if (!quic) return std::unexpected(quic.error());
    quic_ = std::move(*quic);
    return {};
  }

  void process(std::span<Frame> frames, std::span<Fate> fates, const snapshot::Snapshot* snapshot, Nanoseconds now,
               InjectionQueue& injections) noexcept override {
    judge_.use(snapshot);
    streams_->begin_burst(now, injections);
    quic_->begin_burst(now);
    for (std::size_t i = 0; i < frames.size(); ++i) decode(frames[i], i);
    for (std::size_t i = 0; i < frames.size(); ++i) {
      fates[i] = judge_frame(frames[i], i);
      counters::add(block_.reasons[index_of(fates[i].reason)]);
    }
    judge_.use(nullptr);
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

  void decode(const Frame& frame, std::size_t index) noexcept {
    Slot& slot = burst_[index];
    slot.decoded = decode_packet({frame.data, frame.length}, frame.link);
    if (slot.decoded.outcome != DecodeOutcome::tcp) return;
    slot.key = stream_key_of(slot.decoded.flow, frame.side, frame.realm);
    slot.hash = hasher_.stream(slot.key);
    streams_->prefetch(slot.hash);
  }

  Fate judge_frame(Frame& frame, std::size_t index) noexcept {
    Slot& slot = burst_[index];
    const bool from_subscriber = frame.side == Side::subscriber;
    switch (slot.decoded.outcome) {
      case DecodeOutcome::tcp: {
        Segment segment{frame, slot.decoded, index, slot.key, slot.hash};
        return from_subscriber ? streams_->inspect_from_subscriber(segment) : streams_->inspect_from_transit(segment);
      }
      case DecodeOutcome::udp:
        return from_subscriber ? judge_datagram(frame, slot.decoded, index) : pass(FrameReason::pass_from_transit);
      case DecodeOutcome::not_ip: return pass(FrameReason::pass_not_ip);
      case DecodeOutcome::other_protocol: return pass(FrameReason::pass_other_protocol);
      case DecodeOutcome::fragment:
        if (from_subscriber) judge_.count_uninspected(UninspectedReason::fragment);
        return pass(FrameReason::pass_fragment);
      case DecodeOutcome::malformed: break;
    }
    return pass(FrameReason::pass_malformed);
  }

  Fate judge_datagram(const Frame& frame, const Decoded& decoded, std::size_t index) noexcept {
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
      const RequestJudge::Judged judged = judge_.judge_question(questions_.questions[i].view(), {index, &decoded.flow});
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
  std::unique_ptr<StreamInspector> streams_;
  std::unique_ptr<QuicInspector> quic_;
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
