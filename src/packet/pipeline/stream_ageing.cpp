// SPDX-License-Identifier: Apache-2.0
// The pool of stream records: opening, closing, growing old.
#include <algorithm>

#include "packet/pipeline/stream_inspector.h"

namespace parapet::packet {
namespace {

constexpr unsigned kAgedPerBurst = 4;
// An encapsulation is needed for the seconds between a handshake and its first request, and takes ten times its place.
constexpr std::uint32_t kHandshakesPerEncapsulation = 16;
// While a pool is short, a request that shows no handshake evidence is given up after this silence.
constexpr Tick kShortTicks = tick_of(2 * kNanosecondsPerSecond);

}  // namespace

Result<std::unique_ptr<StreamInspector>> StreamInspector::create(const PipelineOptions& options,
                                                                 const digest::Key& flow_key, RequestJudge& judge,
                                                                 counters::WorkerBlock& block) {
  if (options.messages == 0 || options.messages > 1u << 20) {
    return fail(ErrorCode::invalid_argument, "messages: 1 to 1048576 can be had");
  }
  auto handshakes = HandshakeTable::create(options.handshake_slots);
  if (!handshakes) return std::unexpected(handshakes.error());
  auto syns = SynTable::create(options.handshake_slots);
  if (!syns) return std::unexpected(syns.error());
  auto encapsulations = EncapsulationTable::create(options.handshake_slots / kHandshakesPerEncapsulation);
  if (!encapsulations) return std::unexpected(encapsulations.error());
  auto table = StreamTable::create(options.records);
  if (!table) return std::unexpected(table.error());
  auto streams = FixedArray<Stream>::create(options.records, "stream records");
  if (!streams) return std::unexpected(streams.error());
  auto kept = KeptBytes::create(options.kept_blocks);
  if (!kept) return std::unexpected(kept.error());
  auto texts = FixedArray<RequestText>::create(options.messages, "unfinished messages");
  if (!texts) return std::unexpected(texts.error());
  auto text_owners = FixedArray<RecordIndex>::create(options.messages, "unfinished messages");
  if (!text_owners) return std::unexpected(text_owners.error());
  auto free_texts = FixedArray<std::uint32_t>::create(options.messages, "unfinished messages");
  if (!free_texts) return std::unexpected(free_texts.error());
  auto hpack = HpackPool::create(options.limits.http2_connections);
  if (!hpack) return std::unexpected(hpack.error());

  std::unique_ptr<StreamInspector> inspector(new StreamInspector(judge, block));
  inspector->hasher_ = FlowHasher(flow_key);
  inspector->handshakes_ = std::move(*handshakes);
  inspector->syns_ = std::move(*syns);
  inspector->encapsulations_ = std::move(*encapsulations);
  inspector->table_ = std::move(*table);
  inspector->streams_ = std::move(*streams);
  inspector->kept_ = std::move(*kept);
  inspector->texts_ = std::move(*texts);
  inspector->text_owners_ = std::move(*text_owners);
  inspector->free_texts_ = std::move(*free_texts);
  for (std::uint32_t i = 0; i < options.messages; ++i) inspector->free_texts_[i] = options.messages - 1 - i;
  inspector->free_text_count_ = options.messages;
  inspector->hpack_ = std::move(*hpack);
  inspector->context_ = {{options.limits.http_head_bytes, options.limits.hello_bytes}, &inspector->hpack_};
  inspector->resets_wanted_ = options.tcp_action == TcpAction::reset;
  inspector->strip_mptcp_ = options.strip_mptcp;
  inspector->verify_checksums_ = options.verify_checksums;
  inspector->set_timeouts(options.idle_timeout_ns, options.block_hold_ns);
  return inspector;
}

void StreamInspector::set_timeouts(Nanoseconds idle_ns, Nanoseconds block_hold_ns) noexcept {
  idle_ticks_ = tick_of(idle_ns);
  block_hold_ticks_ = tick_of(block_hold_ns);
}

void StreamInspector::begin_burst(Nanoseconds now, InjectionQueue& injections) noexcept {
  now_ = tick_of(now);
  injections_ = &injections;
  age_records();
  counters::set(block_.records_in_use, table_.in_use());
}

RecordIndex StreamInspector::open_record(const Segment& segment, std::uint32_t first_seq,
                                         const HandshakeSlot* slot) noexcept {
  RecordIndex record = table_.insert(segment.key, segment.hash, now_);
  if (record == kNoRecord && evict_one()) record = table_.insert(segment.key, segment.hash, now_);
  if (record == kNoRecord) return kNoRecord;
  Stream& stream = streams_[record.value];
  stream = {};
  stream.parser = StreamParser(segment.key.server_port == kDnsPort);
  stream.initial_seq = stream.next_seq = stream.message_seq = first_seq;
  if (slot != nullptr) {
    learn_handshake(stream, *slot);
    stream.proven = slot->proven();
  }
  return record;
}

void StreamInspector::learn_handshake(Stream& stream, const HandshakeSlot& slot) noexcept {
  stream.from_handshake = stream.server_known = true;
  stream.server_isn = slot.server_isn;
  stream.is_signed = slot.is_signed();
  stream.timestamps = slot.has_timestamps();
  stream.recent_timestamp = slot.client_timestamp;
}

// Begins to read again at `first_seq`; what is kept stays, and is read when its turn comes.
void StreamInspector::restart(Stream& stream, std::uint32_t first_seq) noexcept {
  release_text(stream);
  stream.parser.release(context_);
  stream.parser = StreamParser(stream.parser.to_dns_port());
  stream.initial_seq = stream.next_seq = stream.message_seq = first_seq;
  stream.state = StreamState::reading;
  stream.in_body = false;
  stream.had_request = false;
}

void StreamInspector::close_record(RecordIndex record) noexcept {
  Stream& stream = streams_[record.value];
  kept_.release_all(stream.kept);
  release_text(stream);
  stream.parser.release(context_);
  wipe(&stream, sizeof stream);
  table_.erase(record);
}

// Closes the record of a stream that needs no reading below `settled_seq`, and lets its handshake remember that.
void StreamInspector::settle_record(RecordIndex record, std::uint64_t hash, std::uint32_t settled_seq) noexcept {
  const Stream& stream = streams_[record.value];
  HandshakeSlot* slot = handshakes_.find(hash);
  const bool is_its_own = stream.server_known ? slot != nullptr && slot->server_isn == stream.server_isn
                                              : slot != nullptr && !stream.new_handshake;
  if (is_its_own) {
    slot->settled_seq = settled_seq;
    slot->flags |= HandshakeSlot::kSettled;
    if (stream.state == StreamState::finished) slot->flags |= HandshakeSlot::kOpaque;
  }
  close_record(record);
}

// Closes the record of a stream that may go on. Only what the server acknowledged needs no reading again; where that is
// nothing, the stream begins again behind its handshake.
void StreamInspector::give_up_record(RecordIndex record) noexcept {
  const Stream& stream = streams_[record.value];
  const bool at_its_beginning = !stream.server_seen || stream.acked_seq == stream.initial_seq;
  if (stream.from_handshake && at_its_beginning) return close_record(record);
  settle_record(record, table_.hash(record), stream.server_seen ? stream.acked_seq : stream.initial_seq);
}

void StreamInspector::age_records() noexcept {
  shortage_.note(streams_.size() - table_.in_use(), streams_.size(), now_);
  shortage_.note(free_text_count_, texts_.size(), now_);
  shortage_.note(kept_.free_blocks(), kept_.blocks(), now_);
  const bool short_of_room = shortage_.is_felt(now_);
  for (unsigned i = 0; i < kAgedPerBurst; ++i) {
    const RecordIndex record = table_.advance_hand();
    if (record == kNoRecord) continue;
    const Stream& stream = streams_[record.value];
    const bool blocked = stream.state == StreamState::blocked;
    const Tick age = ticks_since(blocked ? stream.blocked_at : table_.last_used(record), now_);
    const bool unproven = short_of_room && !stream.proven && is_unfinished_request(stream);
    if (age < (blocked ? block_hold_ticks_ : unproven ? std::min(idle_ticks_, kShortTicks) : idle_ticks_)) continue;
    evict(record);
  }
}

}  // namespace parapet::packet
