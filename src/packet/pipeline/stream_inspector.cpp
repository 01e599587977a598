// SPDX-License-Identifier: Apache-2.0
// Finding a segment's stream and its place in it.
#include "packet/pipeline/stream_inspector.h"

#include "packet/act/segment_edit.h"

namespace parapet::packet {
namespace {

// No window is larger (RFC 7323 §2.3): what lies further off, no end takes.
constexpr std::int32_t kMaxWindow = 1 << 30;
// How much a server may have sent before its client's first byte.
constexpr std::uint32_t kMaxGreeting = 1 << 20;
// How far ahead of a handshake's first byte a server's window may reach at first.
constexpr std::int32_t kMaxEarly = 1 << 20;
// Fewer bytes are no reason to read a stream again that was settled as opaque.
constexpr std::uint32_t kMinPickUp = 8;
// An unfinished request this quiet gives way to a new stream between the same ends.
constexpr Tick kQuietTicks = tick_of(60 * kNanosecondsPerSecond);

constexpr Fate pass(FrameReason reason) noexcept { return {reason, false}; }

// Whether the segment acknowledges what the server of this handshake can have sent so early.
bool acknowledges(const Segment& segment, const HandshakeSlot& slot) noexcept {
  return segment.has(kTcpAck) && segment.decoded.ack - (slot.server_isn + 1) <= kMaxGreeting;
}

// Whether the segment lies where this handshake's first flight does.
bool is_in_first_window(const Segment& segment, const HandshakeSlot& slot) noexcept {
  return segment.decoded.seq - slot.first_seq() <= kKeptWindow;
}

bool is_unfinished(const Stream& stream) noexcept { return stream.state == StreamState::reading && !stream.is_idle(); }

}  // namespace

bool StreamInspector::believes_checksum(ByteView frame, const Decoded& decoded) noexcept {
  if (!verify_checksums_) return true;
  counters::add(block_.checksums_verified);
  if (checksum_fits(frame, decoded)) return true;
  counters::add(block_.checksums_bad);
  return false;
}

// --- from the transit side ---

Fate StreamInspector::inspect_from_transit(const Segment& segment) noexcept {
  const Decoded& d = segment.decoded;
  if (!segment.has(kTcpAck) || segment.has(kTcpRst)) return pass(FrameReason::pass_from_transit);
  const RecordIndex record = table_.find(segment.key, segment.hash);
  if (!segment.has(kTcpSyn)) {
    if (record != kNoRecord) take_server_ack(record, d.ack);
    return pass(FrameReason::pass_from_transit);
  }
  if (!believes_checksum(segment)) return pass(FrameReason::pass_bad_checksum);
  const TcpOptions options = segment.options();
  handshakes_.write(segment.hash,
                    {.server_isn = d.seq,
                     .client_isn = d.ack - 1,
                     .mss = options.mss,
                     .flags = static_cast<std::uint8_t>((options.has_timestamp ? HandshakeSlot::kTimestamps : 0) |
                                                        (options.is_signed ? HandshakeSlot::kSigned : 0)),
                     .client_timestamp = options.echo},
                    now_);
  if (d.carriers > 0) encapsulations_.write(segment.hash, segment.bytes(), d, now_);
  if (record != kNoRecord) {
    Stream& stream = streams_[record.value];
    const bool same = stream.initial_seq == d.ack && (!stream.server_known || stream.server_isn == d.seq);
    if (!same) stream.new_handshake = true;
  }
  return pass(FrameReason::pass_from_transit);
}

void StreamInspector::take_server_ack(RecordIndex record, std::uint32_t ack) noexcept {
  Stream& stream = streams_[record.value];
  const std::uint32_t seen = stream.server_seen ? stream.acked_seq : stream.initial_seq;
  const std::int32_t advance = seq_distance(ack, seen);
  if (advance < 0 || advance > kMaxWindow) return;
  stream.server_seen = true;
  stream.acked_at = now_;
  if (stream.state == StreamState::reading) {
    std::int32_t unseen = seq_distance(ack, stream.next_seq);
    if (unseen > 1 && stream.in_body && stream.parser.body_bytes_ahead() >= static_cast<std::uint32_t>(unseen) &&
        skip_body(stream, static_cast<std::uint32_t>(unseen), scratch_)) {
      unseen = 0;
    }
    if (unseen > 1) {  // a FIN takes one number; more is what went to the server by another way
      if (stream.is_certain()) judge_.count_uninspected(UninspectedReason::missed_bytes);
      settle_record(record, table_.hash(record), ack);
      return;
    }
    if (unseen == 1) ack = stream.next_seq;
  }
  stream.acked_seq = ack;
  kept_.release_before(stream.kept, ack);
  if (stream.state == StreamState::finished && seq_distance(ack, stream.next_seq) >= 0) {
    settle_record(record, table_.hash(record), ack);
  }
}

// --- from the subscriber's side ---

Fate StreamInspector::inspect_from_subscriber(Segment& segment) noexcept {
  const Decoded& d = segment.decoded;
  if (segment.has(kTcpSyn)) take_out_multipath(segment);
  // A reset's payload is no part of the stream, and it ends nothing here (RFC 9293 §3.10.7).
  if (d.payload_length == 0 || segment.has(kTcpRst)) {
    take_control(segment);
    return pass(FrameReason::pass_no_payload);
  }
  if (segment.has(kTcpSyn)) return take_syn_payload(segment);
  if (!segment.has(kTcpAck)) return pass(FrameReason::drop_invalid_segment);
  const RecordIndex record = table_.find(segment.key, segment.hash);
  if (record == kNoRecord) return take_first_payload(segment);
  Stream& stream = streams_[record.value];
  if (is_replaced(segment, stream, record)) return take_first_payload(segment);
  if (stream.state == StreamState::blocked) return take_blocked_payload(segment, stream);
  return take_payload(segment, record);
}

void StreamInspector::take_control(const Segment& segment) noexcept {
  const Decoded& d = segment.decoded;
  if (segment.has(kTcpRst)) return;
  if (segment.has(kTcpSyn)) {
    syns_.write(segment.hash, d.seq + 1, now_);
    const RecordIndex record = table_.find(segment.key, segment.hash);
    if (record == kNoRecord) return;
    streams_[record.value].syn_seen = true;
    streams_[record.value].syn_seq = d.seq + 1;
    return;
  }
  if (!segment.has(kTcpAck)) return;
  HandshakeSlot* slot = handshakes_.find(segment.hash);
  if (slot == nullptr || slot->proven()) return;
  if (d.ack == slot->server_isn + 1 && d.seq == slot->first_seq() && believes_checksum(segment)) {
    slot->flags |= HandshakeSlot::kProven;
  }
}

// A SYN's payload counts only if the SYN-ACK acknowledges it (RFC 9293 §3.10.7, RFC 7413 §4). What is complete in it is
// judged here, as the server may take it; an unfinished message is cut off, and the client sends it again behind its
// handshake.
Fate StreamInspector::take_syn_payload(Segment& segment) noexcept {
  take_control(segment);
  if (!could_begin_request(segment.payload())) return pass(FrameReason::pass_bulk);
  if (!believes_checksum(segment)) return pass(FrameReason::pass_bad_checksum);
  const Reading reading = read_alone(segment, segment.payload());
  if (reading.listed) return {FrameReason::drop_listed, true};
  if (reading.pending) {
    if (segment.decoded.marks.sealed) return {FrameReason::drop_invalid_segment, true};
    count(ActionKind::rewritten_cut);
    segment.frame.length = cut_segment({segment.frame.data, segment.frame.length}, segment.decoded, 0);
    return pass(FrameReason::pass_cut);
  }
  if (reading.uninspected) return pass(FrameReason::pass_uninspected);
  if (reading.shadow) return pass(FrameReason::pass_shadow);
  return pass(reading.requests ? FrameReason::pass_unlisted : FrameReason::pass_bulk);
}

// Payload of a stream that has no record.
Fate StreamInspector::take_first_payload(Segment& segment) noexcept {
  const Decoded& d = segment.decoded;
  HandshakeSlot* slot = handshakes_.find(segment.hash);
  bool from_handshake = false;
  if (slot != nullptr && slot->settled()) {
    const std::int32_t beyond = seq_distance(segment.end(), slot->settled_seq);
    if (beyond <= 0 && beyond > -kMaxWindow) return pass(FrameReason::pass_bulk);
    if (beyond > 0 && static_cast<std::uint32_t>(beyond) < d.payload_length) {  // an odd copy over the settled border
      return take_stray_payload(segment, FrameReason::pass_bulk, d.payload_length - static_cast<std::uint32_t>(beyond));
    }
  } else if (slot != nullptr) {
    const std::int32_t from_first = seq_distance(d.seq, slot->first_seq());
    const std::int32_t end_from_first = seq_distance(segment.end(), slot->first_seq());
    // Just before the first byte lies what no end takes (a keep-alive probe's byte); far before it, another connection.
    if (end_from_first <= 0 && from_first >= -static_cast<std::int32_t>(kKeptWindow)) {
      return pass(FrameReason::pass_bulk);
    }
    from_handshake = end_from_first > 0 && from_first <= static_cast<std::int32_t>(kKeptWindow);
    if (from_handshake && is_refused(segment, *slot)) return pass(FrameReason::drop_invalid_segment);
    // Some servers keep early bytes whatever they acknowledge, so near ones are of this connection in any case.
    const bool of_this = acknowledges(segment, *slot) || (slot->proven() && from_first <= kMaxEarly);
    if (!from_handshake && from_first > 0 && from_first <= kMaxWindow && of_this &&
        ticks_since(slot->tick, now_) < idle_ticks_) {
      return pass(FrameReason::drop_reorder_cap);
    }
  }
  // Where no server is seen, the client's SYN says where its stream begins.
  const auto syn_first =
      slot == nullptr ? syns_.first_seq_before(segment.hash, d.seq, kKeptWindow) : std::optional<std::uint32_t>{};
  if (!from_handshake && !syn_first) {
    if (segment.has(kTcpUrg) && could_begin_without_urgent(segment)) take_off_urgent(segment);
    const bool too_short = slot != nullptr && slot->opaque() && d.payload_length < kMinPickUp;
    if (too_short || !could_begin_unseen_request(segment.payload())) return pass(FrameReason::pass_bulk);
  }
  if (!believes_checksum(segment)) return pass(FrameReason::pass_bad_checksum);
  if (slot != nullptr && d.ack == slot->server_isn + 1 && segment.has(kTcpAck)) slot->flags |= HandshakeSlot::kProven;

  const std::uint32_t first_seq = from_handshake ? slot->first_seq() : syn_first.value_or(d.seq);
  const RecordIndex record = open_record(segment, first_seq, from_handshake ? slot : nullptr);
  if (record != kNoRecord && syn_first) streams_[record.value].from_handshake = true;
  if (record == kNoRecord) {
    judge_.count_uninspected(UninspectedReason::record_pool);
    const Reading reading = read_alone(segment, segment.payload());
    if (reading.listed) return {FrameReason::drop_listed, true};
    return pass(FrameReason::pass_uninspected);
  }
  return take_payload(segment, record);
}

// Whether the segment belongs to a new stream between the same ends; then the record is closed.
bool StreamInspector::is_replaced(const Segment& segment, Stream& stream, RecordIndex record) noexcept {
  bool replaced = false;
  if (stream.new_handshake) {
    const HandshakeSlot* slot = handshakes_.find(segment.hash);
    replaced = slot != nullptr && is_in_first_window(segment, *slot) && acknowledges(segment, *slot);
  }
  if (stream.state == StreamState::blocked) {
    if (!replaced && ticks_since(stream.blocked_at, now_) >= block_hold_ticks_) {
      give_up_record(record);
      return true;
    }
  } else if (stream.syn_seen && !server_answers(stream) && segment.decoded.seq == stream.syn_seq) {
    // No server packet comes by here. A SYN alone proves nothing, so it ends no unfinished request.
    const bool elsewhere = stream.syn_seq - stream.initial_seq > kKeptWindow;
    const bool quiet = ticks_since(table_.last_used(record), now_) > kQuietTicks;
    replaced |= elsewhere && (!is_unfinished(stream) || quiet);
  }
  if (replaced) close_record(record);
  return replaced;
}

Fate StreamInspector::take_payload(Segment& segment, RecordIndex record) noexcept {
  Stream& stream = streams_[record.value];
  const std::uint32_t seq = segment.decoded.seq, end = segment.end();
  const std::int32_t behind_next = seq_distance(seq, stream.next_seq);
  const bool due = !stream.from_handshake && is_at_handshake(segment);
  if (stream.state == StreamState::finished && behind_next >= 0 && !due) return pass(FrameReason::pass_bulk);
  if (!believes_checksum(segment)) return pass(FrameReason::pass_bad_checksum);
  const bool outside = behind_next > kMaxWindow || seq_distance(end, stream.next_seq) < -kMaxWindow;
  const bool restarted =
      due && (outside || stream.state == StreamState::finished) && restart_at_handshake(segment, stream);
  if (outside && !restarted) {
    return take_stray_payload(segment, FrameReason::pass_bulk);  // outside of every window of this connection
  }
  table_.touch(record, now_);
  if (is_refused(segment, stream)) return pass(FrameReason::drop_invalid_segment);
  if (segment.has(kTcpUrg)) take_off_urgent(segment);
  const bool before_first = seq_distance(seq, stream.initial_seq) < 0;
  if (!(before_first && stream.from_handshake) && stream.server_seen && seq_distance(end, stream.acked_seq) <= 0) {
    return pass(FrameReason::pass_bulk);
  }
  if (before_first) {
    if (const std::optional<Fate> fate = take_before_first_byte(segment, stream)) return *fate;
  } else if (behind_next > static_cast<std::int32_t>(kKeptWindow)) {
    restart_at_handshake(segment, stream);
  }
  unify_with_kept(segment, stream);
  return read_new_bytes(segment, stream);
}

// Payload that is not of the connection its record knows: of an older or newer one whose handshake did not come by
// here, or a decoy. It is read by itself, and goes on where it is no listed request.
//   unfinished  what becomes of it where it is the beginning of a request
//   skip        so many bytes are not read
Fate StreamInspector::take_stray_payload(Segment& segment, FrameReason unfinished, std::uint32_t skip) noexcept {
  const ByteView payload = segment.payload().subspan(skip);
  if (!could_begin_request(payload)) return pass(FrameReason::pass_bulk);
  const Reading reading = read_alone(segment, payload);
  if (reading.listed) return {FrameReason::drop_listed, true};
  if (reading.pending) return {unfinished, !forwards(unfinished)};
  if (reading.uninspected) return pass(FrameReason::pass_uninspected);
  if (reading.shadow) return pass(FrameReason::pass_shadow);
  return pass(reading.requests ? FrameReason::pass_unlisted : FrameReason::pass_bulk);
}

// Whether the segment lies where a stream begins that was not read yet.
bool StreamInspector::is_at_handshake(const Segment& segment) noexcept {
  const HandshakeSlot* slot = handshakes_.find(segment.hash);
  return slot != nullptr && !slot->settled() && is_in_first_window(segment, *slot);
}

// Where the record began with a decoy, elsewhere than the handshake says: reads from where it says.
bool StreamInspector::restart_at_handshake(const Segment& segment, Stream& stream) noexcept {
  if (stream.from_handshake || !is_at_handshake(segment)) return false;
  const HandshakeSlot* slot = handshakes_.find(segment.hash);
  restart(stream, slot->first_seq());
  // What a decoy far off left would take the room of the true bytes.
  if (kept_.distance_to_next(stream.kept, stream.initial_seq) > kKeptWindow) kept_.release_all(stream.kept);
  learn_handshake(stream, *slot);
  return true;
}

// A segment that begins before the first byte the record knows. Nothing: it is to be read as the record now stands.
std::optional<Fate> StreamInspector::take_before_first_byte(Segment& segment, Stream& stream) noexcept {
  const bool all_before = seq_distance(segment.end(), stream.initial_seq) <= 0;
  if (stream.from_handshake) {  // before the client's ISN + 1: this connection's server takes none of it
    return all_before ? std::optional(take_stray_payload(segment, FrameReason::pass_bulk)) : std::nullopt;
  }
  if (restart_at_handshake(segment, stream)) return std::nullopt;
  if (!stream.parser.decided() && could_begin_unseen_request(segment.payload())) {
    restart(stream, segment.decoded.seq);
    return std::nullopt;
  }
  // The record reads a request, so it cannot turn back; nor may the beginning of another go unread.
  return all_before ? std::optional(take_stray_payload(segment, FrameReason::drop_reorder_cap)) : std::nullopt;
}

}  // namespace parapet::packet
