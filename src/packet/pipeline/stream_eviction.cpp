// SPDX-License-Identifier: Apache-2.0
// Full pools: which stream gives way to a newer one. Streams that showed handshake evidence give way last, and to their
// like alone, so that nobody who sends from made-up addresses pushes them out.
#include "packet/pipeline/stream_inspector.h"

namespace parapet::packet {
namespace {

constexpr unsigned kEvictionCandidates = 8;
constexpr unsigned kBlockCandidates = 64;  // records, of which few may hold blocks

constexpr unsigned kNever = 0, kProven = 1, kUnfinished = 2;

}  // namespace

// How readily a record is given up: the higher, the sooner.
unsigned StreamInspector::dispensability(const Stream& stream) const noexcept {
  switch (stream.state) {
    case StreamState::finished: return 5;
    case StreamState::blocked: return kNever;
    case StreamState::reading: break;
  }
  // What came early waits for what is before it: a request that a pause may not hide.
  const bool waits = kept_.distance_to_next(stream.kept, stream.next_seq) != kKeptNone;
  if (stream.is_idle() && !waits) return 4;
  if (!stream.is_certain()) return 3;
  return stream.proven ? kProven : kUnfinished;
}

bool StreamInspector::is_unfinished_request(const Stream& stream) const noexcept {
  const unsigned rank = dispensability(stream);
  return rank == kProven || rank == kUnfinished;
}

// The better of two to give up; `chosen` may be none.
RecordIndex StreamInspector::more_dispensable(RecordIndex chosen, RecordIndex other) const noexcept {
  const unsigned rank = dispensability(streams_[other.value]);
  if (rank == kNever) return chosen;
  if (chosen == kNoRecord) return other;
  const unsigned best = dispensability(streams_[chosen.value]);
  if (rank != best) return rank > best ? other : chosen;
  return ticks_since(table_.last_used(other), now_) > ticks_since(table_.last_used(chosen), now_) ? other : chosen;
}

void StreamInspector::evict(RecordIndex record) noexcept {
  if (is_unfinished_request(streams_[record.value])) judge_.count_uninspected(UninspectedReason::record_evicted);
  give_up_record(record);
}

// Takes the most dispensable of a few records, the oldest of equals. A blocked one is never taken.
bool StreamInspector::evict_one() noexcept {
  RecordIndex chosen = kNoRecord;
  for (unsigned i = 0; i < kEvictionCandidates; ++i) {
    const RecordIndex record = table_.advance_hand();
    if (record != kNoRecord) chosen = more_dispensable(chosen, record);
  }
  if (chosen == kNoRecord) return false;
  evict(chosen);
  return true;
}

// Frees a text for this stream. False: each of a few owners has more right to its own.
bool StreamInspector::evict_for_text(const Stream& stream) noexcept {
  RecordIndex chosen = kNoRecord;
  for (unsigned i = 0; i < kEvictionCandidates; ++i) {
    text_hand_ = text_hand_ + 1 < texts_.size() ? text_hand_ + 1 : 0;
    chosen = more_dispensable(chosen, text_owners_[text_hand_]);
  }
  if (chosen == kNoRecord || &streams_[chosen.value] == &stream) return false;
  if (dispensability(streams_[chosen.value]) == kProven && !stream.proven) return false;
  evict(chosen);
  return true;
}

// Frees blocks for this stream: those of a blocked one, whose earlier bytes then do not come again either, or of one
// that gives way altogether. A proven request keeps its own: it needs them no less.
bool StreamInspector::evict_for_blocks(const Stream& stream) noexcept {
  RecordIndex chosen = kNoRecord;
  unsigned candidates = 0;
  for (unsigned i = 0; i < kBlockCandidates && candidates < kEvictionCandidates; ++i) {
    const RecordIndex record = table_.advance_hand();
    if (record == kNoRecord) continue;
    Stream& owner = streams_[record.value];
    if (owner.kept.blocks == 0 || &owner == &stream) continue;
    if (owner.state == StreamState::blocked) {
      owner.block_seq = owner.server_seen ? owner.acked_seq : owner.initial_seq;
      kept_.release_all(owner.kept);
      return true;
    }
    chosen = more_dispensable(chosen, record);
    ++candidates;
  }
  if (chosen == kNoRecord || dispensability(streams_[chosen.value]) == kProven) return false;
  evict(chosen);
  return true;
}

}  // namespace parapet::packet
