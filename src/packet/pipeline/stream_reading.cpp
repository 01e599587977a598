// SPDX-License-Identifier: Apache-2.0
// Feeding a stream's bytes to its parser, in order, and keeping what may come again.
#include <algorithm>
#include <array>

#include "packet/act/segment_edit.h"
#include "packet/pipeline/stream_inspector.h"

namespace parapet::packet {
namespace {

// A server that acknowledged nothing for so long is taken as one whose packets go another way.
constexpr Tick kServerSilentTicks = tick_of(10 * kNanosecondsPerSecond);
constexpr std::array<std::uint8_t, 16 * 1024> kAnyBody{};  // a body's bytes may be anything

constexpr Fate pass(FrameReason reason) noexcept { return {reason, false}; }

// Wipes what a text holds: the names that are finished, the one that may be begun, the target.
void wipe_used(RequestText& text) noexcept {
  const std::size_t names = std::min<std::size_t>(text.name_count + std::size_t{1}, kMaxNames);
  wipe(text.names.data(), names * sizeof(RequestText::Name));
  wipe(text.target.data(), text.target_length);
  text.clear();
}

}  // namespace

// --- texts of unfinished messages ---

RequestText& StreamInspector::text_of(Stream& stream) noexcept {
  if (stream.text_plus_one != 0) return texts_[stream.text_plus_one - 1];
  scratch_.clear();
  return scratch_;
}

void StreamInspector::release_text(Stream& stream) noexcept {
  if (stream.text_plus_one == 0) return;
  wipe(&texts_[stream.text_plus_one - 1], sizeof(RequestText));
  free_texts_[free_text_count_++] = stream.text_plus_one - 1;
  stream.text_plus_one = 0;
}

// After reading: an unfinished message's text goes to the pool, any other is wiped.
void StreamInspector::put_text_away(Stream& stream, RequestText& text, Reading& reading) noexcept {
  const bool needed = stream.state == StreamState::reading && stream.parser.keeps_text();
  if (!needed) release_text(stream);
  if (&text != &scratch_) return;
  if (needed) {
    if (free_text_count_ > 0 || evict_for_text(stream)) {
      const std::uint32_t index = free_texts_[--free_text_count_];
      texts_[index] = scratch_;
      text_owners_[index] = RecordIndex{static_cast<std::uint32_t>(&stream - streams_.begin())};
      stream.text_plus_one = index + 1;
    } else {
      judge_.count_uninspected(UninspectedReason::message_pool);
      reading.uninspected = true;
      stream.state = StreamState::finished;
    }
  }
  wipe_used(scratch_);
}

// --- kept bytes ---

bool StreamInspector::server_answers(const Stream& stream) const noexcept {
  return stream.server_seen && ticks_since(stream.acked_at, now_) < kServerSilentTicks;
}

// Makes the frame say again what was read before. What the server acknowledged it does not take again.
void StreamInspector::unify_with_kept(Segment& segment, const Stream& stream) noexcept {
  MutableBytes payload = segment.payload();
  std::uint32_t seq = segment.decoded.seq;
  if (stream.server_seen) {
    const std::int32_t acknowledged = seq_distance(stream.acked_seq, seq);
    if (acknowledged > 0) {
      if (static_cast<std::size_t>(acknowledged) >= payload.size()) return;
      payload = payload.subspan(static_cast<std::size_t>(acknowledged));
      seq = stream.acked_seq;
    }
  }
  if (!kept_.differs(stream.kept, seq, payload)) return;
  const ChecksumRepair repair(segment.bytes(), segment.decoded);
  kept_.overwrite(stream.kept, seq, payload);
  repair.finish({segment.frame.data, segment.frame.length});
  count(ActionKind::rewritten_retransmission);
}

// Sees to it that the stream may be given blocks for these bytes. False: it must wait for the server's acknowledgement.
bool StreamInspector::make_room(Stream& stream, std::uint32_t seq, std::size_t length) noexcept {
  while (stream.kept.blocks + kept_.missing_blocks(stream.kept, seq, length) > kMaxKeptBlocks) {
    // Where the SYN-ACK came by here, so will the acknowledgement.
    const bool server_comes = stream.server_known && !stream.server_seen;
    if (server_answers(stream) || server_comes || stream.kept.blocks == 0) return false;
    kept_.release_first_block(stream.kept);
    stream.kept_lost = true;
  }
  return true;
}

void StreamInspector::keep_read(Stream& stream, std::uint32_t seq, ByteView bytes) noexcept {
  if (bytes.empty()) return;
  KeepOutcome outcome = kept_.keep(stream.kept, seq, bytes);
  while (outcome == KeepOutcome::too_many && stream.kept.blocks > 0) {
    kept_.release_first_block(stream.kept);
    stream.kept_lost = true;
    outcome = kept_.keep(stream.kept, seq, bytes);
  }
  if (outcome == KeepOutcome::no_block && evict_for_blocks(stream)) outcome = kept_.keep(stream.kept, seq, bytes);
  if (outcome == KeepOutcome::kept) return;
  stream.kept_lost = true;
  judge_.count_uninspected(UninspectedReason::kept_pool);
}

// --- reading ---

void StreamInspector::note_judged(const RequestJudge::Judged& judged, Reading& reading) noexcept {
  reading.requests = true;
  reading.shadow |= judged.verdict == Verdict::shadow;
  reading.listed |= judged.verdict == Verdict::block;
  reading.uninspected |= judged.uninspected;
}

// Reads bytes that begin at next_seq, until their end, a listed request, or the end of what can be read. Where a
// request's framing is followed, it goes byte by byte but for whole pieces of body, so that the place where the next
// message begins is known.
void StreamInspector::read_bytes(const Segment& segment, Stream& stream, ByteView bytes, bool keep, RequestText& text,
                                 Reading& reading) noexcept {
  std::size_t at = 0, keep_from = 0;
  const auto keep_until_here = [&] {
    if (!keep) return;
    const auto behind = static_cast<std::uint32_t>(at - keep_from);
    keep_read(stream, stream.next_seq - behind, bytes.subspan(keep_from, behind));
  };
  while (at < bytes.size() && stream.state == StreamState::reading && !reading.listed) {
    std::size_t length = bytes.size() - at;
    std::uint64_t body = 0;
    if (stream.in_body) {
      body = stream.parser.body_bytes_ahead();
      length = body > 0 ? std::min<std::uint64_t>(length, body) : 1;
    }
    if (body > 0) keep_until_here();
    const Extracted extracted = stream.parser.feed(bytes.subspan(at, length), text, context_);
    stream.next_seq += static_cast<std::uint32_t>(extracted.consumed);
    at += extracted.consumed;
    if (body > 0) keep_from = at;
    switch (extracted.outcome) {
      case ExtractOutcome::need_more:
        if (stream.parser.keeps_text()) stream.in_body = false;
        break;
      case ExtractOutcome::idle: stream.message_seq = stream.next_seq; break;
      case ExtractOutcome::request: {
        const Protocol protocol = stream.parser.protocol();
        if (protocol == Protocol::tls && stream.parser.ech_present()) counters::add(block_.ech_present);
        note_judged(judge_.judge_request(protocol, text, {segment.index, &segment.decoded.flow, segment.frame.realm}),
                    reading);
        if (reading.listed || !stream.parser.keeps_text()) wipe_used(text);
        if (reading.listed) break;
        stream.had_request = true;
        stream.answered_ack = segment.decoded.ack;
        stream.in_body = true;
        stream.message_seq = stream.next_seq;
        break;
      }
      case ExtractOutcome::uninspected:
        judge_.count_uninspected(extracted.reason);
        reading.uninspected = true;
        [[fallthrough]];
      case ExtractOutcome::opaque:
        // All these bytes stand for the end of reading: sent again with another content they could begin a request.
        stream.state = StreamState::finished;
        stream.next_seq += static_cast<std::uint32_t>(bytes.size() - at);
        at = bytes.size();
        break;
    }
  }
  keep_until_here();
}

// Reads bytes as if they were a stream of their own and forgets them.
StreamInspector::Reading StreamInspector::read_alone(const Segment& segment, ByteView bytes) noexcept {
  Reading reading;
  StreamParser parser(segment.key.server_port == kDnsPort);
  scratch_.clear();
  bool more = true;
  while (!bytes.empty() && more && !reading.listed) {
    const Extracted extracted = parser.feed(bytes, scratch_, context_);
    bytes = bytes.subspan(extracted.consumed);
    reading.pending = extracted.outcome == ExtractOutcome::need_more && parser.body_bytes_ahead() == 0;
    switch (extracted.outcome) {
      case ExtractOutcome::request:
        note_judged(judge_.judge_request(parser.protocol(), scratch_,
                                         {segment.index, &segment.decoded.flow, segment.frame.realm}),
                    reading);
        break;
      case ExtractOutcome::uninspected:
        judge_.count_uninspected(extracted.reason);
        reading.uninspected = true;
        more = false;
        break;
      case ExtractOutcome::opaque: more = false; break;
      case ExtractOutcome::need_more:
      case ExtractOutcome::idle: break;
    }
  }
  parser.release(context_);
  wipe(&scratch_, sizeof scratch_);
  return reading;
}

// Moves the reading on over body bytes that are not at hand.  REQUIRES count <= body_bytes_ahead()
bool StreamInspector::skip_body(Stream& stream, std::uint32_t count, RequestText& text) noexcept {
  while (count > 0) {
    const std::size_t length = std::min<std::size_t>(count, kAnyBody.size());
    const Extracted extracted = stream.parser.feed(ByteView{kAnyBody}.first(length), text, context_);
    if (extracted.consumed == 0) return false;
    stream.next_seq += static_cast<std::uint32_t>(extracted.consumed);
    stream.message_seq = stream.next_seq;
    count -= static_cast<std::uint32_t>(extracted.consumed);
  }
  return true;
}

// A segment with a gap before it: it goes on and is kept, for the time when the gap closes.
Fate StreamInspector::keep_for_later(const Segment& segment, Stream& stream) noexcept {
  const std::uint64_t body = stream.in_body ? stream.parser.body_bytes_ahead() : 0;
  const std::uint32_t needed_from = stream.next_seq + static_cast<std::uint32_t>(body);
  if (seq_distance(segment.end(), needed_from) > static_cast<std::int32_t>(kKeptWindow)) {
    return pass(FrameReason::drop_reorder_cap);
  }
  KeepOutcome outcome = kept_.keep(stream.kept, segment.decoded.seq, segment.payload());
  if (outcome == KeepOutcome::no_block && evict_for_blocks(stream)) {
    outcome = kept_.keep(stream.kept, segment.decoded.seq, segment.payload());
  }
  if (outcome != KeepOutcome::kept) {
    return pass(FrameReason::drop_reorder_cap);
  }
  return pass(FrameReason::pass_pending);
}

// The part of a segment that was not read yet, and what was kept behind it.
Fate StreamInspector::read_new_bytes(Segment& segment, Stream& stream) noexcept {
  const std::uint32_t seq = segment.decoded.seq, end = segment.end();
  Reading reading;
  if (stream.kept_lost && seq_distance(seq, stream.next_seq) < 0 && could_begin_request(segment.payload())) {
    // Bytes that could not be kept come again, maybe with another content.
    const std::uint32_t again = std::min(stream.next_seq - seq, end - seq);
    if (!kept_.covers(stream.kept, seq, again)) {
      reading = read_alone(segment, segment.payload());
      if (reading.listed) {
        stream.message_seq = seq;
        return stop_stream(segment, stream, seq, 1);
      }
      judge_.count_uninspected(UninspectedReason::kept_pool);
      reading.uninspected = true;
    }
  }
  if (stream.state == StreamState::reading && seq_distance(end, stream.next_seq) > 0) {
    RequestText& text = text_of(stream);
    const std::uint32_t before_skip = stream.next_seq;
    std::int32_t gap = seq_distance(seq, stream.next_seq);
    if (gap > 0 && stream.in_body && stream.parser.body_bytes_ahead() >= static_cast<std::uint32_t>(gap)) {
      skip_body(stream, static_cast<std::uint32_t>(gap), text);
      gap = seq_distance(seq, stream.next_seq);
    }
    if (gap > 0) return keep_for_later(segment, stream);
    const std::uint32_t first_new = stream.next_seq;
    const ByteView fresh = segment.payload().subspan(first_new - seq);
    if (!stream.in_body && !make_room(stream, first_new, fresh.size())) return pass(FrameReason::drop_reorder_cap);
    // What did not go on before: from here, so many bytes. Of a copy every byte did; then it is the body that was
    // skipped that did not.
    std::uint32_t block_from = first_new, not_forwarded = kept_.distance_to_next(stream.kept, first_new);
    if (not_forwarded == 0) {
      block_from = before_skip;
      not_forwarded = 1;
    }
    read_bytes(segment, stream, fresh, true, text, reading);
    while (stream.state == StreamState::reading && !reading.listed) {
      const ByteView kept = kept_.run_at(stream.kept, stream.next_seq);
      if (kept.empty()) break;
      read_bytes(segment, stream, kept, false, text, reading);
    }
    if (reading.listed) {
      wipe(&scratch_, sizeof scratch_);
      return stop_stream(segment, stream, block_from, not_forwarded);
    }
    put_text_away(stream, text, reading);
  }
  if (reading.uninspected) return pass(FrameReason::pass_uninspected);
  if (reading.shadow) return pass(FrameReason::pass_shadow);
  if (reading.requests) return pass(FrameReason::pass_unlisted);
  if (stream.state == StreamState::finished) return pass(FrameReason::pass_bulk);
  const bool pending = !stream.in_body && stream.next_seq != stream.message_seq;
  return pass(pending ? FrameReason::pass_pending : FrameReason::pass_unlisted);
}

}  // namespace parapet::packet
