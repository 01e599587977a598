// SPDX-License-Identifier: Apache-2.0
// Looking streams up, putting them in, taking them out.
#include "packet/flow/stream_table.h"

#include <bit>

namespace parapet::packet {

Result<StreamTable> StreamTable::create(std::uint32_t records) {
  if (records == 0 || records > kMaxRecords) {
    return fail(ErrorCode::invalid_argument, "stream records: 1 to 16777216 can be had");
  }
  const std::uint32_t places = std::bit_ceil(records) * 4;
  auto place_memory = FixedArray<Place>::create(places, "the stream table");
  if (!place_memory) return std::unexpected(place_memory.error());
  auto entry_memory = FixedArray<Entry>::create(records, "stream keys");
  if (!entry_memory) return std::unexpected(entry_memory.error());
  StreamTable table;
  table.places_ = std::move(*place_memory);
  table.entries_ = std::move(*entry_memory);
  table.place_mask_ = places - 1;
  for (std::uint32_t i = 0; i < records; ++i) table.entries_[i].next_free = i + 1;
  return table;
}

RecordIndex StreamTable::find(const StreamKey& key, std::uint64_t hash) const noexcept {
  const auto hash_low = static_cast<std::uint32_t>(hash);
  for (std::uint32_t at = home(hash_low);; at = (at + 1) & place_mask_) {
    const Place& place = places_[at];
    if (place.record_plus_one == 0) return kNoRecord;
    if (place.hash_low == hash_low && entries_[place.record_plus_one - 1].key == key) {
      return {place.record_plus_one - 1};
    }
  }
}

RecordIndex StreamTable::insert(const StreamKey& key, std::uint64_t hash, Tick now) noexcept {
  if (first_free_ == entries_.size()) return kNoRecord;
  const std::uint32_t record = first_free_;
  const auto hash_low = static_cast<std::uint32_t>(hash);
  Entry& entry = entries_[record];
  first_free_ = entry.next_free;
  entry.key = key;
  entry.hash = hash;
  entry.last_used = now;
  entry.in_use = true;
  std::uint32_t at = home(hash_low);
  while (places_[at].record_plus_one != 0) at = (at + 1) & place_mask_;
  places_[at] = {hash_low, record + 1};
  ++in_use_;
  return {record};
}

void StreamTable::erase(RecordIndex record) noexcept {
  Entry& entry = entries_[record.value];
  std::uint32_t hole = home(static_cast<std::uint32_t>(entry.hash));
  while (places_[hole].record_plus_one != record.value + 1) hole = (hole + 1) & place_mask_;
  for (std::uint32_t at = (hole + 1) & place_mask_; places_[at].record_plus_one != 0; at = (at + 1) & place_mask_) {
    // Moves back what may stand in the hole: whose home is not between the hole and here.
    const std::uint32_t from_home = (at - home(places_[at].hash_low)) & place_mask_;
    if (from_home >= ((at - hole) & place_mask_)) {
      places_[hole] = places_[at];
      hole = at;
    }
  }
  places_[hole] = {};
  entry = {};
  entry.next_free = first_free_;
  first_free_ = record.value;
  --in_use_;
}

}  // namespace parapet::packet
