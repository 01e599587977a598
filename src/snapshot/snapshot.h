// SPDX-License-Identifier: Apache-2.0
// A compiled snapshot: checked once, then read by any number of threads without a lock. Immutable.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "digest/key.h"
#include "digest/siphash.h"
#include "snapshot/format.h"
#include "snapshot/occasion.h"
#include "snapshot/trusted_time.h"

namespace parapet::snapshot {

// The checksum that stands in the header: over all bytes, the checksum's own place taken as zeros.
//   REQUIRES bytes.size() >= sizeof(Header)
digest::Digest checksum_of(const digest::Key& key, ByteView bytes) noexcept;

// A view over bytes that the caller keeps alive, unchanged and 64-byte aligned.
class Snapshot {
 public:
  // Checks magic, version, key id, checksum and that every offset, count and index stays inside; then nothing needs
  // checking again.
  //   errors  malformed · unsupported (version) · integrity (key id or checksum; the context says which)
  //   cost    one pass over all bytes
  static Result<Snapshot> open(ByteView bytes, const digest::Key& key);

  Generation generation() const noexcept { return header_->generation; }
  const Header& header() const noexcept { return *header_; }
  Moment created() const noexcept;
  std::span<const ListRecord> lists() const noexcept { return lists_; }
  // As published, and what has become of it by then: nobody needs to publish anything for a list to end.
  ListState state_of(ListIndex list) const noexcept { return static_cast<ListState>(lists_[list.value].state); }
  ListState state_at(ListIndex list, Nanoseconds trusted_realtime_ns) const noexcept;
  std::span<const Rule> rules_of(RuleSetIndex index) const noexcept {
    const RuleSet& set = rule_sets_[index.value];
    return rules_.subspan(set.first_rule, set.rule_count);
  }
  // Whether a rule of rules_of() stands on this occasion: neither it nor its list has ended, and its list is meant for
  // this subscriber. For what is listed; what is not costs nothing of this.
  //   cost  a few comparisons; a list that selects by prefix: a binary search for each selector
  bool stands(const Rule& rule, const Occasion& occasion) const noexcept;

  // The filter's line for a name, by the low half of the digest of its last two labels.
  const FilterLine& line_of(std::uint64_t two_labels_low) const noexcept {
    return filter_[place_of(two_labels_low, filter_.size())];
  }
  // False: the digest is in no list. True: look it up.
  static bool may_hold(const FilterLine& line, std::uint64_t low) noexcept {
    for (unsigned i = 0; i < kFilterBits; ++i) {
      const std::uint32_t bit = filter_bit(low, i);
      if ((line.bits[bit / 64] >> (bit % 64) & 1) == 0) return false;
    }
    return true;
  }
  // The exact look-up: 96 bits and the bucket must agree.
  //   out  RuleSetIndex{kEmptySlot}: not listed.  cost  one cache line, seldom two
  RuleSetIndex find(const digest::Digest& digest) const noexcept;

  void prefetch_line(std::uint64_t two_labels_low) const noexcept { __builtin_prefetch(&line_of(two_labels_low)); }

 private:
  Snapshot() = default;
  Status open_standing(ByteView bytes, std::span<const Rule> rules);
  bool concerns(const ListRecord& list, const Occasion& occasion) const noexcept;
  bool selects(const Selector& selector, const Occasion& occasion) const noexcept;

  const Header* header_ = nullptr;
  std::span<const ListRecord> lists_;
  std::span<const RuleSet> rule_sets_;
  std::span<const Rule> rules_;
  std::span<const FilterLine> filter_;
  std::span<const Bucket> buckets_;
  std::span<const std::uint32_t> rule_ends_;
  std::span<const Selector> selectors_;
  std::span<const std::uint16_t> realms_;
  std::span<const PrefixRecord> prefixes_;
};

}  // namespace parapet::snapshot
