// SPDX-License-Identifier: Apache-2.0
// From a stream's key to the number of its record, in a fixed table.
//
// Open addressing with linear probing over {32 bits of the hash, record number}, four times as many places as records,
// so that a look-up touches one cache line nearly always; taking one out moves followers back, so nothing decays.
#pragma once

#include <cstdint>

#include "base/ids.h"
#include "packet/flow/fixed_array.h"
#include "packet/flow/stream_key.h"

namespace parapet::packet {

using RecordIndex = Id<struct RecordTag, std::uint32_t>;
inline constexpr RecordIndex kNoRecord{0xffffffff};

//   thread  one
class StreamTable {
 public:
  static constexpr std::uint32_t kMaxRecords = 1u << 24;

  static Result<StreamTable> create(std::uint32_t records);

  void prefetch(std::uint64_t hash) const noexcept {
    __builtin_prefetch(&places_[home(static_cast<std::uint32_t>(hash))]);
  }
  RecordIndex find(const StreamKey& key, std::uint64_t hash) const noexcept;
  // Gives the stream a record.  REQUIRES not in the table.  out: kNoRecord where all are taken
  RecordIndex insert(const StreamKey& key, std::uint64_t hash, Tick now) noexcept;
  void erase(RecordIndex record) noexcept;

  void touch(RecordIndex record, Tick now) noexcept { entries_[record.value].last_used = now; }
  Tick last_used(RecordIndex record) const noexcept { return entries_[record.value].last_used; }
  std::uint64_t hash(RecordIndex record) const noexcept { return entries_[record.value].hash; }

  // Moves the clock's hand one record on: kNoRecord where that one is free.
  RecordIndex advance_hand() noexcept {
    hand_ = hand_ + 1 < entries_.size() ? hand_ + 1 : 0;
    return entries_[hand_].in_use ? RecordIndex{hand_} : kNoRecord;
  }
  std::uint32_t in_use() const noexcept { return in_use_; }

 private:
  struct Place {
    std::uint32_t hash_low;
    std::uint32_t record_plus_one;  // 0: free
  };
  struct Entry {
    std::uint64_t hash;
    StreamKey key;
    Tick last_used;
    std::uint32_t next_free;
    bool in_use;
  };
  std::uint32_t home(std::uint32_t hash_low) const noexcept { return hash_low & place_mask_; }

  FixedArray<Place> places_;
  FixedArray<Entry> entries_;
  std::uint32_t place_mask_ = 0;
  std::uint32_t first_free_ = 0;
  std::uint32_t in_use_ = 0;
  std::uint32_t hand_ = 0;
};

}  // namespace parapet::packet
