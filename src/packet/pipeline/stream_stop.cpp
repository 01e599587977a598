// SPDX-License-Identifier: Apache-2.0
// What happens to a stream whose listed request was found.
#include "packet/act/segment_edit.h"
#include "packet/pipeline/stream_inspector.h"

namespace parapet::packet {

// The segment that would complete a listed request. The stream is blocked from the request's first byte on where that
// byte stands in this segment and is among the `not_forwarded` bytes from `first_new` on that did not go on before,
// else from `first_new` on: the server must lack at least one byte, of the request or before it.
Fate StreamInspector::stop_stream(Segment& segment, Stream& stream, std::uint32_t first_new,
                                  std::uint32_t not_forwarded) noexcept {
  const std::int32_t request_at = seq_distance(stream.message_seq, first_new);
  const bool begins_here = request_at > 0 && static_cast<std::uint32_t>(request_at) < not_forwarded &&
                           seq_distance(stream.message_seq, segment.end()) < 0;
  stream.block_seq = begins_here ? stream.message_seq : first_new;
  stream.state = StreamState::blocked;
  stream.blocked_at = now_;
  kept_.release_from(stream.kept, stream.block_seq);
  release_text(stream);
  stream.parser.release(context_);
  const StopResponse response = decide_stop({
      .resets_wanted = resets_wanted_,
      .handshake_seen = has_evidence(segment, stream),
      .earlier_answer_open = stream.had_request && stream.answered_ack == segment.decoded.ack,
  });
  const bool withheld =
      response == StopResponse::withheld || (response == StopResponse::reset && !send_resets(segment, stream));
  if (withheld) count(ActionKind::reset_withheld);
  if (seq_distance(stream.block_seq, segment.decoded.seq) <= 0) return {FrameReason::drop_listed, true};
  return cut_before(segment, stream.block_seq);
}

bool StreamInspector::has_evidence(const Segment& segment, const Stream& stream) noexcept {
  if (!segment.has(kTcpAck)) return false;
  if (stream.proven) return true;
  const HandshakeSlot* slot = handshakes_.find(segment.hash);
  if (slot == nullptr) return false;
  if (stream.server_known && stream.server_isn != slot->server_isn) return false;
  return slot->proven() || segment.decoded.ack == slot->server_isn + 1;
}

// To both ends, or to none: what carries a packet to the client may not be known.
bool StreamInspector::send_resets(const Segment& segment, const Stream& stream) noexcept {
  Encapsulation to_server;
  if (!copy_encapsulation(segment.bytes(), segment.decoded, to_server)) return false;
  Encapsulation turned = to_server;
  turn_round(turned);
  const bool is_plain = segment.decoded.carriers == 0;
  const Encapsulation* to_client = is_plain ? &turned : encapsulations_.find(segment.hash);
  if (to_client == nullptr) return false;
  // RFC 5961 §3.2: an end takes only a reset at exactly its next expected number. The client's is what it acknowledges;
  // the server's is where its stream was cut.
  if (inject(segment, *to_client, ResetTo::sender, segment.decoded.ack, segment.end())) {
    count(ActionKind::reset_to_client);
  }
  if (inject(segment, to_server, ResetTo::receiver, stream.block_seq, 0)) count(ActionKind::reset_to_server);
  return true;
}

bool StreamInspector::inject(const Segment& segment, const Encapsulation& before, ResetTo to, std::uint32_t seq,
                             std::uint32_t ack) noexcept {
  Injection* injection = injections_->add();
  if (injection == nullptr) return false;
  injection->out = to == ResetTo::sender ? segment.frame.side : opposite(segment.frame.side);
  injection->realm = segment.frame.realm;
  injection->length = static_cast<std::uint16_t>(
      build_reset(before, segment.decoded.flow, to, seq, ack, hasher_.identification(++injected_), injection->bytes));
  return true;
}

// Forwards the part of the segment before `seq`. One that an authentication header covers cannot be cut.
Fate StreamInspector::cut_before(Segment& segment, std::uint32_t seq) noexcept {
  if (segment.decoded.marks.sealed) return {FrameReason::drop_listed, true};
  segment.frame.length =
      cut_segment({segment.frame.data, segment.frame.length}, segment.decoded, seq - segment.decoded.seq);
  count(ActionKind::rewritten_cut);
  return {FrameReason::pass_cut, false};
}

Fate StreamInspector::take_blocked_payload(Segment& segment, Stream& stream) noexcept {
  if (seq_distance(segment.decoded.seq, stream.block_seq) >= 0) return {FrameReason::drop_blocked_stream, true};
  if (seq_distance(segment.decoded.seq, stream.initial_seq) < 0) {
    return take_stray_payload(segment, FrameReason::drop_blocked_stream);
  }
  unify_with_kept(segment, stream);
  if (seq_distance(segment.end(), stream.block_seq) > 0) return cut_before(segment, stream.block_seq);
  return {FrameReason::pass_unlisted, false};
}

}  // namespace parapet::packet
