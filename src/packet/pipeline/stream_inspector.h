// SPDX-License-Identifier: Apache-2.0
// The TCP streams of one worker: reads what clients ask for, in any order of segments, and stops what is listed.
//
// A segment goes on at once; only the one that would complete a listed request is dropped, so no server ever has the
// whole of one. Until the server acknowledges them, the bytes that were read stay here: should they come again with
// another content, the frame is given the content that was read.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "counters/layout.h"
#include "packet/act/reset.h"
#include "packet/decode/tcp_options.h"
#include "packet/flow/encapsulation_table.h"
#include "packet/flow/handshake_table.h"
#include "packet/flow/kept_bytes.h"
#include "packet/flow/stream_key.h"
#include "packet/flow/stream_table.h"
#include "packet/flow/syn_table.h"
#include "packet/pipeline/pipeline.h"
#include "packet/pipeline/request_judge.h"
#include "packet/pipeline/shortage.h"
#include "packet/pipeline/stream.h"

namespace parapet::packet {

// One TCP segment on its way through.
struct Segment {
  Frame& frame;
  Decoded& decoded;
  std::size_t index;  // in the burst
  StreamKey key;
  std::uint64_t hash;

  ByteView bytes() const noexcept { return {frame.data, frame.length}; }
  MutableBytes payload() const noexcept { return {frame.data + decoded.payload_offset, decoded.payload_length}; }
  std::uint32_t end() const noexcept { return decoded.seq + decoded.payload_length; }
  bool has(std::uint8_t flags) const noexcept { return (decoded.flags & flags) == flags; }
  TcpOptions options() const noexcept {
    return read_tcp_options(
        bytes().subspan(decoded.l4_offset, std::size_t{decoded.payload_offset} - decoded.l4_offset));
  }
};

//   thread  one
class StreamInspector {
 public:
  static Result<std::unique_ptr<StreamInspector>> create(const PipelineOptions& options, const digest::Key& flow_key,
                                                         RequestJudge& judge, counters::WorkerBlock& block);

  // Before each burst; `injections` is filled while the burst is inspected.
  void begin_burst(Nanoseconds now, InjectionQueue& injections) noexcept;
  void prefetch(std::uint64_t hash) const noexcept {
    table_.prefetch(hash);
    handshakes_.prefetch(hash);
  }

  Fate inspect_from_transit(const Segment& segment) noexcept;
  Fate inspect_from_subscriber(Segment& segment) noexcept;

  void set_resets(bool wanted) noexcept { resets_wanted_ = wanted; }
  void set_timeouts(Nanoseconds idle_ns, Nanoseconds block_hold_ns) noexcept;
  bool believes_checksum(const Segment& segment) noexcept {
    return believes_checksum(segment.bytes(), segment.decoded);
  }
  bool believes_checksum(ByteView frame, const Decoded& decoded) noexcept;

  // For a look at what is left in memory.
  const KeptBytes& kept() const noexcept { return kept_; }
  ByteView texts() const noexcept { return texts_.bytes(); }
  const HpackPool& hpack() const noexcept { return hpack_; }

 private:
  // What reading some bytes brought.
  struct Reading {
    bool requests = false;
    bool shadow = false;
    bool uninspected = false;
    bool listed = false;
    bool pending = false;  // read_alone: a message is unfinished
  };

  StreamInspector(RequestJudge& judge, counters::WorkerBlock& block) : judge_(judge), block_(block) {}

  // stream_validity.cpp: what no server takes
  bool is_refused(const Segment& segment, const HandshakeSlot& slot) const noexcept;
  bool is_refused(const Segment& segment, Stream& stream) const noexcept;
  void take_off_urgent(Segment& segment) noexcept;
  bool could_begin_without_urgent(const Segment& segment) const noexcept;
  void take_out_multipath(Segment& segment) noexcept;

  // stream_inspector.cpp: which stream, and where in it
  void take_server_ack(RecordIndex record, std::uint32_t ack) noexcept;
  void take_control(const Segment& segment) noexcept;
  Fate take_syn_payload(Segment& segment) noexcept;
  Fate take_first_payload(Segment& segment) noexcept;
  Fate take_payload(Segment& segment, RecordIndex record) noexcept;
  bool is_replaced(const Segment& segment, Stream& stream, RecordIndex record) noexcept;
  Fate take_stray_payload(Segment& segment, FrameReason unfinished, std::uint32_t skip = 0) noexcept;
  bool is_at_handshake(const Segment& segment) noexcept;
  bool restart_at_handshake(const Segment& segment, Stream& stream) noexcept;
  std::optional<Fate> take_before_first_byte(Segment& segment, Stream& stream) noexcept;

  // stream_reading.cpp: bytes into requests
  Fate read_new_bytes(Segment& segment, Stream& stream) noexcept;
  Fate keep_for_later(const Segment& segment, Stream& stream) noexcept;
  void read_bytes(const Segment& segment, Stream& stream, ByteView bytes, bool keep, RequestText& text,
                  Reading& reading) noexcept;
  Reading read_alone(const Segment& segment, ByteView bytes) noexcept;
  void keep_read(Stream& stream, std::uint32_t seq, ByteView bytes) noexcept;
  void note_judged(const RequestJudge::Judged& judged, Reading& reading) noexcept;
  bool make_room(Stream& stream, std::uint32_t seq, std::size_t length) noexcept;
  bool skip_body(Stream& stream, std::uint32_t count, RequestText& text) noexcept;
  RequestText& text_of(Stream& stream) noexcept;
  void put_text_away(Stream& stream, RequestText& text, Reading& reading) noexcept;
  void release_text(Stream& stream) noexcept;
  void unify_with_kept(Segment& segment, const Stream& stream) noexcept;
  bool server_answers(const Stream& stream) const noexcept;

  // stream_stop.cpp: listed requests
  Fate stop_stream(Segment& segment, Stream& stream, std::uint32_t first_new, std::uint32_t not_forwarded) noexcept;
  Fate take_blocked_payload(Segment& segment, Stream& stream) noexcept;
  Fate cut_before(Segment& segment, std::uint32_t seq) noexcept;
  bool send_resets(const Segment& segment, const Stream& stream) noexcept;
  bool inject(const Segment& segment, const Encapsulation& before, ResetTo to, std::uint32_t seq,
              std::uint32_t ack) noexcept;
  bool has_evidence(const Segment& segment, const Stream& stream) noexcept;

  // stream_ageing.cpp: the pool of records
  RecordIndex open_record(const Segment& segment, std::uint32_t first_seq, const HandshakeSlot* slot) noexcept;
  static void learn_handshake(Stream& stream, const HandshakeSlot& slot) noexcept;
  void restart(Stream& stream, std::uint32_t first_seq) noexcept;
  void close_record(RecordIndex record) noexcept;
  void settle_record(RecordIndex record, std::uint64_t hash, std::uint32_t settled_seq) noexcept;
  void give_up_record(RecordIndex record) noexcept;
  void age_records() noexcept;

  // stream_eviction.cpp: who gives way where a pool is empty
  unsigned dispensability(const Stream& stream) const noexcept;
  bool is_unfinished_request(const Stream& stream) const noexcept;
  RecordIndex more_dispensable(RecordIndex chosen, RecordIndex other) const noexcept;
  void evict(RecordIndex record) noexcept;
  bool evict_one() noexcept;
  bool evict_for_text(const Stream& stream) noexcept;
  bool evict_for_blocks(const Stream& stream) noexcept;

  void count(ActionKind action) noexcept { counters::add(block_.actions[index_of(action)]); }

  RequestJudge& judge_;
  counters::WorkerBlock& block_;
  FlowHasher hasher_{digest::Key{}};
  HandshakeTable handshakes_;
  SynTable syns_;
  EncapsulationTable encapsulations_;
  StreamTable table_;
  FixedArray<Stream> streams_;
  KeptBytes kept_;
  FixedArray<RequestText> texts_;
  FixedArray<RecordIndex> text_owners_;   // valid for texts in use
  FixedArray<std::uint32_t> free_texts_;  // a stack
  std::uint32_t free_text_count_ = 0;
  std::uint32_t text_hand_ = 0;
  Shortage shortage_;  // of records, texts or kept bytes
  RequestText scratch_{};
  HpackPool hpack_;
  ExtractContext context_;
  InjectionQueue* injections_ = nullptr;
  Tick now_ = 0;
  Tick idle_ticks_ = 0;
  Tick block_hold_ticks_ = 0;
  std::uint64_t injected_ = 0;
  bool resets_wanted_ = false;
  bool strip_mptcp_ = true;
  bool verify_checksums_ = true;
};

}  // namespace parapet::packet
