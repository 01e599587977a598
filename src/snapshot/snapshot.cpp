// SPDX-License-Identifier: Apache-2.0
// Checking and reading a snapshot.
#include "snapshot/snapshot.h"

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
  for (const auto& list : *lists) {
    if (list.state > static_cast<int>(ListState::enforce)) return fail(ErrorCode::malformed, "list state out of range");
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
