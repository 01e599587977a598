// SPDX-License-Identifier: Apache-2.0
// Builds the bytes of a snapshot from digested entries. Linear time; the list's road alone.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/address_prefix.h"
#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "digest/entry.h"
#include "digest/key.h"
#include "snapshot/format.h"
#include "snapshot/trusted_time.h"

namespace parapet::snapshot {

// The finished bytes, 64-byte aligned as Snapshot::open wants them.
class SnapshotBytes {
 public:
  explicit SnapshotBytes(std::size_t size);
  ByteView view() const noexcept { return {data_.get(), size_}; }
  std::uint8_t* data() noexcept { return data_.get(); }

 private:
  struct Free {
    void operator()(std::uint8_t* p) const noexcept;
  };
  std::unique_ptr<std::uint8_t, Free> data_;
  std::size_t size_;
};

// Some subscribers: of one of these realms and with an address in one of these prefixes; none of one sort: of any.
struct SelectorInput {
  std::vector<std::uint16_t> realms;
  std::vector<AddressPrefix> prefixes;
};

struct ListInput {
  std::string name;  // 1..32 bytes
  ListState state = ListState::shadow;
  std::span<const digest::DigestedEntry> entries;
  std::uint32_t ends_s = 0;               // since 1970; 0: never
  std::uint32_t shadow_from_s = 0;        // likewise
  std::vector<SelectorInput> applies_to;  // empty: everybody
  std::vector<SelectorInput> exempt;
};

// Stable id of a list, from its name.
std::uint64_t list_id_of(std::string_view name) noexcept;

// Duplicates within and across lists are fine: their rules are joined. An entry that a list has twice ends when the
// later of the two does.
//   errors  limit (more than kMaxListCount lists, 2^30 entries, kMaxSelectors or kMaxPrefixes, or a table that would
//           not fill) · invalid_argument (a name's length, a selector that selects nothing)
Result<SnapshotBytes> build_snapshot(std::span<const ListInput> lists, const digest::Key& key, Generation generation,
                                     const Moment& created);

}  // namespace parapet::snapshot
