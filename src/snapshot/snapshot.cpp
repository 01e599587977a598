// SPDX-License-Identifier: Apache-2.0
// Checking and reading a snapshot.
#include "snapshot/snapshot.h"

#include <algorithm>
#include <cstring>

#include "canon/entry.h"

namespace parapet::snapshot {
namespace {

// The section as a span, or an error naming it.
template <typename T>
Result<std::span<const T>> section_of(ByteView bytes, const Section& section, const char* name, std::uint64_t least) {
  const bool inside = section.offset % kAlignment == 0 && section.offset >= sizeof(Header) &&
                      section.offset <= bytes.size() && section.count <= (bytes.size() - section.offset) / sizeof(T);
  if (!inside || section.count < least) {
    return fail(ErrorCode::malformed,
                std::string("snapshot section ") + name + " lies outside the file or is too small");
  }
  return std::span<const T>(reinterpret_cast<const T*>(bytes.data() + section.offset),
                            static_cast<std::size_t>(section.count));
}

Status check_header(ByteView bytes, const Header& header, const digest::Key& key) {
  if (header.magic != kMagic) return fail(ErrorCode::malformed, "not a snapshot: magic is wrong");
  if (header.major != kMajor) {
    return fail(ErrorCode::unsupported, "snapshot format " + std::to_string(header.major) + "." +
                                            std::to_string(header.minor) + "; this program reads " +
                                            std::to_string(kMajor) + ".x");
  }
  if (header.header_size != sizeof(Header) || header.file_size != bytes.size()) {
    return fail(ErrorCode::malformed, "snapshot is cut short or too long: header says " +
                                          std::to_string(header.file_size) + " bytes, there are " +
                                          std::to_string(bytes.size()));
  }
  const auto id = digest::key_id(key);
  if (std::memcmp(header.key_id, id.data(), id.size()) != 0) {
    return fail(ErrorCode::integrity, "snapshot was made with another digest key");
  }
  const auto expected = checksum_of(key, bytes);
  if (std::memcmp(header.checksum, &expected, sizeof header.checksum) != 0) {
    return fail(ErrorCode::integrity, "snapshot checksum is wrong");
  }
  if (header.generation == 0) return fail(ErrorCode::malformed, "snapshot generation is 0");
  return {};
}

bool rules_are_sound(std::span<const RuleSet> sets, std::span<const Rule> rules, std::size_t lists) {
  for (const auto& set : sets) {
    if (set.rule_count == 0 || set.first_rule > rules.size() || set.rule_count > rules.size() - set.first_rule) {
      return false;
    }
  }
  for (const auto& rule : rules) {
    if (rule.list >= lists || rule.kind < 1 || rule.kind > static_cast<int>(canon::EntryKind::prefix_below))
      return false;
  }
  return true;
}

bool lies_inside(std::uint64_t first, std::uint64_t count, std::uint64_t size) {
  return first <= size && count <= size - first;
}

bool lists_are_sound(std::span<const ListRecord> lists, std::size_t selectors, std::uint16_t minor) {
  return std::ranges::all_of(lists, [&](const ListRecord& list) {
    const std::uint32_t selected = list.applies_to_count + std::uint32_t{list.exempt_count};
    const bool is_bare = list.ends_s == 0 && list.shadow_from_s == 0 && list.first_selector == 0 && selected == 0;
    return list.state <= static_cast<int>(ListState::enforce) && list.applies_to_count <= kMaxSelectors &&
           list.exempt_count <= kMaxSelectors && lies_inside(list.first_selector, selected, selectors) &&
           (minor > 0 || is_bare);
  });
}

bool is_sound(const PrefixRecord& prefix) {
  constexpr std::uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (prefix.bits > 128 || (prefix.family != 4 && prefix.family != 6)) return false;
  return prefix.family == 6 || (prefix.bits >= 96 && std::memcmp(prefix.network, kMapped, sizeof kMapped) == 0);
}

bool selectors_are_sound(std::span<const Selector> selectors, std::size_t realms,
                         std::span<const PrefixRecord> prefixes) {
  return std::ranges::all_of(prefixes, is_sound) && std::ranges::all_of(selectors, [&](const Selector& selector) {
           return selector.realm_count + std::uint64_t{selector.prefix_count} > 0 &&
                  lies_inside(selector.first_realm, selector.realm_count, realms) &&
                  lies_inside(selector.first_prefix, selector.prefix_count, prefixes.size());
         });
}

}  // namespace

digest::Digest checksum_of(const digest::Key& key, ByteView bytes) noexcept {
  // Header with the checksum zeroed, then the rest: chained, so that the file need not be copied.
  Header header;
  std::memcpy(&header, bytes.data(), sizeof header);
  std::memset(header.checksum, 0, sizeof header.checksum);
  const auto head = digest::checksum(key, {reinterpret_cast<const std::uint8_t*>(&header), sizeof header});
  const auto rest = digest::checksum(key, bytes.subspan(sizeof(Header)));
  const std::uint64_t both[4] = {head.low, head.high, rest.low, rest.high};
  return digest::checksum(key, {reinterpret_cast<const std::uint8_t*>(both), sizeof both});
}

Result<Snapshot> Snapshot::open(ByteView bytes, const digest::Key& key) {
  if (bytes.size() < sizeof(Header)) {
    return fail(ErrorCode::malformed, "snapshot has " + std::to_string(bytes.size()) + " bytes, its header alone has " +
                                          std::to_string(sizeof(Header)));
  }
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % kAlignment != 0) {
    return fail(ErrorCode::invalid_argument, "snapshot bytes must be aligned to 64");
  }
  Snapshot snapshot;
  snapshot.header_ = reinterpret_cast<const Header*>(bytes.data());
  const Header& header = *snapshot.header_;
  if (auto checked = check_header(bytes, header, key); !checked) return std::unexpected(checked.error());

  const auto lists = section_of<ListRecord>(bytes, header.lists, "lists", 0);
  const auto rule_sets = section_of<RuleSet>(bytes, header.rule_sets, "rule_sets", 0);
  const auto rules = section_of<Rule>(bytes, header.rules, "rules", 0);
  const auto filter = section_of<FilterLine>(bytes, header.filter, "filter", 1);
  const auto buckets = section_of<Bucket>(bytes, header.buckets, "buckets", 1);
  for (const Error* error :
       {lists ? nullptr : &lists.error(), rule_sets ? nullptr : &rule_sets.error(), rules ? nullptr : &rules.error(),
        filter ? nullptr : &filter.error(), buckets ? nullptr : &buckets.error()}) {
    if (error != nullptr) return std::unexpected(*error);
  }
  if (lists->size() > kMaxListCount || filter->size() > UINT32_MAX || buckets->size() > UINT32_MAX) {
    return fail(ErrorCode::malformed, "snapshot section holds more than its limit");
  }
  if (auto status = snapshot.open_standing(bytes, *rules); !status) return std::unexpected(status.error());
  if (!lists_are_sound(*lists, snapshot.selectors_.size(), header.minor)) {
    return fail(ErrorCode::malformed, "snapshot list has a state, a time or selectors that cannot be");
  }
  if (!rules_are_sound(*rule_sets, *rules, lists->size())) {
    return fail(ErrorCode::malformed, "snapshot rules point outside their sections");
  }
  for (const auto& bucket : *buckets) {
    for (const auto& slot : bucket.slots) {
      if (slot.rule_set != kEmptySlot && slot.rule_set >= rule_sets->size()) {
        return fail(ErrorCode::malformed, "snapshot slot points outside the rule sets");
      }
    }
  }
  snapshot.lists_ = *lists;
  snapshot.rule_sets_ = *rule_sets;
  snapshot.rules_ = *rules;
  snapshot.filter_ = *filter;
  snapshot.buckets_ = *buckets;
  return snapshot;
}

// What minor version 1 brought; before, nothing ended and every list was for everybody.
Status Snapshot::open_standing(ByteView bytes, std::span<const Rule> rules) {
  if (header_->minor == 0) return {};
  const auto rule_ends = section_of<std::uint32_t>(bytes, header_->rule_ends, "rule_ends", 0);
  const auto selectors = section_of<Selector>(bytes, header_->selectors, "selectors", 0);
  const auto realms = section_of<std::uint16_t>(bytes, header_->realms, "realms", 0);
  const auto prefixes = section_of<PrefixRecord>(bytes, header_->prefixes, "prefixes", 0);
  for (const Error* error : {rule_ends ? nullptr : &rule_ends.error(), selectors ? nullptr : &selectors.error(),
                             realms ? nullptr : &realms.error(), prefixes ? nullptr : &prefixes.error()}) {
    if (error != nullptr) return std::unexpected(*error);
  }
  if (!rule_ends->empty() && rule_ends->size() != rules.size()) {
    return fail(ErrorCode::malformed, "snapshot has not an end for each rule");
  }
  if (!selectors_are_sound(*selectors, realms->size(), *prefixes)) {
    return fail(ErrorCode::malformed, "snapshot selectors point outside their sections, or select nothing");
  }
  rule_ends_ = *rule_ends;
  selectors_ = *selectors;
  realms_ = *realms;
  prefixes_ = *prefixes;
  return {};
}

Moment Snapshot::created() const noexcept {
  Moment created;
  created.realtime_ns = header_->created_realtime_ns;
  if (header_->minor == 0) return created;
  created.boottime_ns = header_->created_boottime_ns;
  std::ranges::copy(header_->created_boot_id, created.boot.begin());
  created.clock_agreed = header_->created_clock_agreed == 1;
  return created;
}

RuleSetIndex Snapshot::find(const digest::Digest& digest) const noexcept {
  std::size_t at = place_of(digest.low, buckets_.size());
  for (std::uint32_t probe = 0; probe < kMaxProbe; ++probe) {
    const Bucket& bucket = buckets_[at];
    for (const Slot& slot : bucket.slots) {
      if (slot.rule_set == kEmptySlot) return {kEmptySlot};
      if (slot.high == digest.high && slot.low == static_cast<std::uint32_t>(digest.low)) return {slot.rule_set};
    }
    if (++at == buckets_.size()) at = 0;
  }
  return {kEmptySlot};
}

}  // namespace parapet::snapshot
