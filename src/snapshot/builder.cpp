// SPDX-License-Identifier: Apache-2.0
// Building a snapshot.
#include "snapshot/builder.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>

#include "snapshot/snapshot.h"

namespace parapet::snapshot {

namespace {

constexpr std::size_t kMaxEntries = std::size_t{1} << 30;
constexpr double kSlotsPerEntry = 1.35;      // load 0.74: overflow chains stay within a few buckets
constexpr std::size_t kEntriesPerLine = 40;  // 512 bits for about 40 marks of 3 bits: some 1 % false positives

struct Keyed {
  digest::Digest digest;
  Rule rule;
  friend auto operator<=>(const Keyed& a, const Keyed& b) {
    return std::tuple(a.digest, a.rule.list, a.rule.kind) <=> std::tuple(b.digest, b.rule.list, b.rule.kind);
  }
  friend bool operator==(const Keyed& a, const Keyed& b) { return (a <=> b) == 0; }
};

// Rule sets are few: one for each combination of list and kind that some digest has.
class RuleSets {
 public:
  std::uint32_t index_of(std::span<const Keyed> same_digest) {
    std::vector<std::uint32_t> combination;
    for (const auto& keyed : same_digest) {
      combination.push_back(static_cast<std::uint32_t>(keyed.rule.list) << 8 | keyed.rule.kind);
    }
    const auto [at, is_new] = known_.try_emplace(combination, static_cast<std::uint32_t>(sets.size()));
    if (is_new) {
      sets.push_back({static_cast<std::uint32_t>(rules.size()), static_cast<std::uint32_t>(same_digest.size())});
      for (const auto& keyed : same_digest) rules.push_back(keyed.rule);
    }
    return at->second;
  }
  std::vector<RuleSet> sets;
  std::vector<Rule> rules;

 private:
  std::map<std::vector<std::uint32_t>, std::uint32_t> known_;
};

struct Distinct {
  digest::Digest digest;
  std::uint32_t rule_set;
};

bool place(std::span<Bucket> buckets, const Distinct& entry) {
  std::size_t at = place_of(entry.digest.low, buckets.size());
  for (std::uint32_t probe = 0; probe < kMaxProbe; ++probe) {
    for (Slot& slot : buckets[at].slots) {
      if (slot.rule_set == kEmptySlot) {
        slot = {entry.digest.high, static_cast<std::uint32_t>(entry.digest.low), entry.rule_set};
        return true;
      }
    }
    if (++at == buckets.size()) at = 0;
  }
  return false;
}

void mark(std::span<FilterLine> filter, std::uint64_t line, std::uint64_t low) {
  FilterLine& target = filter[place_of(line, filter.size())];
  for (unsigned i = 0; i < kFilterBits; ++i) {
    const std::uint32_t bit = filter_bit(low, i);
    target.bits[bit / 64] |= std::uint64_t{1} << (bit % 64);
  }
}

template <typename T>
std::span<T> lay_out(std::uint8_t* base, std::uint64_t& offset, Section& section, std::uint64_t count) {
  section = {offset, count};
  offset = (offset + count * sizeof(T) + kAlignment - 1) / kAlignment * kAlignment;
  return base == nullptr ? std::span<T>{}
                         : std::span<T>(reinterpret_cast<T*>(base + section.offset), static_cast<std::size_t>(count));
}

std::vector<Keyed> gather(std::span<const ListInput> lists, std::size_t total) {
  std::vector<Keyed> all;
  all.reserve(total);
  for (std::size_t list = 0; list < lists.size(); ++list) {
    for (const auto& entry : lists[list].entries) {
      all.push_back({entry.digest, {static_cast<std::uint16_t>(list), static_cast<std::uint8_t>(entry.kind), 0}});
    }
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

std::vector<Distinct> join(const std::vector<Keyed>& all, RuleSets& rule_sets) {
  std::vector<Distinct> distinct;
  distinct.reserve(all.size());
  for (std::size_t begin = 0; begin < all.size();) {
    std::size_t end = begin + 1;
    while (end < all.size() && all[end].digest == all[begin].digest) ++end;
    distinct.push_back({all[begin].digest, rule_sets.index_of({&all[begin], end - begin})});
    begin = end;
  }
  return distinct;
}

}  // namespace

SnapshotBytes::SnapshotBytes(std::size_t size) : size_(size) {
  const std::size_t rounded = (size + kAlignment - 1) / kAlignment * kAlignment;
  data_.reset(static_cast<std::uint8_t*>(std::aligned_alloc(kAlignment, rounded)));
  std::memset(data_.get(), 0, rounded);
}

void SnapshotBytes::Free::operator()(std::uint8_t* p) const noexcept { std::free(p); }

std::uint64_t list_id_of(std::string_view name) noexcept {
  // FNV-1a: a stable name for a number, no secret in it.
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

Result<SnapshotBytes> build_snapshot(std::span<const ListInput> lists, const digest::Key& key, Generation generation,
                                     std::uint64_t created_realtime_ns) {
  if (lists.size() > kMaxListCount) {
    return fail(ErrorCode::limit, "a snapshot holds at most " + std::to_string(kMaxListCount) + " lists");
  }
  std::size_t total = 0;
  for (const auto& list : lists) {
    total += list.entries.size();
    if (list.name.empty() || list.name.size() > sizeof(ListRecord::name)) {
      return fail(ErrorCode::invalid_argument, "a list's name has 1..32 bytes");
    }
  }
  if (total > kMaxEntries) return fail(ErrorCode::limit, "a snapshot holds at most 2^30 entries");

  RuleSets rule_sets;
  const auto distinct = join(gather(lists, total), rule_sets);

  Header header{};
  const auto bucket_count = static_cast<std::uint64_t>(static_cast<double>(distinct.size()) * kSlotsPerEntry / 4) + 1;
  const std::uint64_t line_count = total / kEntriesPerLine + 1;
  const auto lay_out_all = [&](std::uint8_t* base, std::uint64_t& offset) {
    // Braces, not parentheses: the sections are laid out from left to right.
    return std::tuple{lay_out<ListRecord>(base, offset, header.lists, lists.size()),
                      lay_out<RuleSet>(base, offset, header.rule_sets, rule_sets.sets.size()),
                      lay_out<Rule>(base, offset, header.rules, rule_sets.rules.size()),
                      lay_out<FilterLine>(base, offset, header.filter, line_count),
                      lay_out<Bucket>(base, offset, header.buckets, bucket_count)};
  };
  std::uint64_t size = sizeof(Header);
  lay_out_all(nullptr, size);
  SnapshotBytes bytes(static_cast<std::size_t>(size));
  std::uint64_t offset = sizeof(Header);
  auto [list_records, sets, rules, filter, buckets] = lay_out_all(bytes.data(), offset);

  for (std::size_t i = 0; i < lists.size(); ++i) {
    list_records[i].list_id = list_id_of(lists[i].name);
    std::memcpy(list_records[i].name, lists[i].name.data(), lists[i].name.size());
    list_records[i].state = static_cast<std::uint8_t>(lists[i].state);
    for (const auto& entry : lists[i].entries) {
      mark(filter, entry.line, entry.digest.low);
      if (entry.url_mark != 0) mark(filter, entry.line, entry.url_mark);
    }
  }
  std::ranges::copy(rule_sets.sets, sets.begin());
  std::ranges::copy(rule_sets.rules, rules.begin());
  for (Bucket& bucket : buckets) {
    for (Slot& slot : bucket.slots) slot = {0, 0, kEmptySlot};
  }
  for (const auto& entry : distinct) {
    if (!place(buckets, entry))
      return fail(ErrorCode::limit, "a bucket chain of the snapshot is longer than its bound");
  }

  header.magic = kMagic;
  header.major = kMajor;
  header.minor = kMinor;
  header.header_size = sizeof(Header);
  header.file_size = size;
  header.generation = generation;
  header.created_realtime_ns = created_realtime_ns;
  const auto id = digest::key_id(key);
  std::memcpy(header.key_id, id.data(), id.size());
  header.entry_count = distinct.size();
  std::memcpy(bytes.data(), &header, sizeof header);
  const auto sum = checksum_of(key, bytes.view());
  std::memcpy(bytes.data() + offsetof(Header, checksum), &sum, sizeof header.checksum);
  return bytes;
}

}  // namespace parapet::snapshot
