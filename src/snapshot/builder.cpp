// SPDX-License-Identifier: Apache-2.0
// Building a snapshot.
#include "snapshot/builder.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>

#include "snapshot/selector_tables.h"
#include "snapshot/snapshot.h"

namespace parapet::snapshot {

namespace {

constexpr std::size_t kMaxEntries = std::size_t{1} << 30;
constexpr double kSlotsPerEntry = 1.35;      // load 0.74: overflow chains stay within a few buckets
constexpr std::size_t kEntriesPerLine = 40;  // 512 bits for about 40 marks of 3 bits: some 1 % false positives

constexpr std::uint64_t kNever = std::uint64_t{1} << 32;

constexpr std::uint64_t end_of(std::uint32_t ends_s) noexcept { return ends_s == 0 ? kNever : ends_s; }

struct Keyed {
  digest::Digest digest;
  Rule rule;
  std::uint32_t ends_s;

  auto order() const { return std::tuple(digest, rule.list, rule.kind); }
  // Of the same rule twice, the one that ends later comes first and stays.
  friend bool operator<(const Keyed& a, const Keyed& b) {
    return std::tuple(a.order(), end_of(b.ends_s)) < std::tuple(b.order(), end_of(a.ends_s));
  }
  friend bool operator==(const Keyed& a, const Keyed& b) { return a.order() == b.order(); }
};

// Rule sets are few: one for each combination of list, kind and end that some digest has.
class RuleSets {
 public:
  std::uint32_t index_of(std::span<const Keyed> same_digest) {
    std::vector<std::uint64_t> combination;
    for (const auto& keyed : same_digest) {
      combination.push_back(std::uint64_t{keyed.ends_s} << 32 | std::uint64_t{keyed.rule.list} << 8 | keyed.rule.kind);
    }
    const auto [at, is_new] = known_.try_emplace(combination, static_cast<std::uint32_t>(sets.size()));
    if (is_new) {
      sets.push_back({static_cast<std::uint32_t>(rules.size()), static_cast<std::uint32_t>(same_digest.size())});
      for (const auto& keyed : same_digest) {
        rules.push_back(keyed.rule);
        ends.push_back(keyed.ends_s);
      }
    }
    return at->second;
  }
  bool any_ends() const {
    return std::ranges::any_of(ends, [](std::uint32_t ends_s) { return ends_s != 0; });
  }

  std::vector<RuleSet> sets;
  std::vector<Rule> rules;
  std::vector<std::uint32_t> ends;  // of each rule

 private:
  std::map<std::vector<std::uint64_t>, std::uint32_t> known_;
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

// False: one found no place within kMaxProbe buckets.
bool place_all(std::span<Bucket> buckets, std::span<const Distinct> distinct) {
  for (Bucket& bucket : buckets) {
    for (Slot& slot : bucket.slots) slot = {0, 0, kEmptySlot};
  }
  return std::ranges::all_of(distinct, [&](const Distinct& entry) { return place(buckets, entry); });
}

void mark(std::span<FilterLine> filter, std::uint64_t line, std::uint64_t low) {
  FilterLine& target = filter[place_of(line, filter.size())];
  for (unsigned i = 0; i < kFilterBits; ++i) {
    const std::uint32_t bit = filter_bit(low, i);
    target.bits[bit / 64] |= std::uint64_t{1} << (bit % 64);
  }
}

void mark_all(std::span<FilterLine> filter, std::span<const ListInput> lists) {
  for (const auto& list : lists) {
    for (const auto& entry : list.entries) {
      mark(filter, entry.line, entry.digest.low);
      if (entry.url_mark != 0) mark(filter, entry.line, entry.url_mark);
    }
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
      const Rule rule{static_cast<std::uint16_t>(list), static_cast<std::uint8_t>(entry.kind), 0};
      all.push_back({entry.digest, rule, entry.ends_s});
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

ListRecord record_of(const ListInput& list, std::uint32_t first_selector) {
  ListRecord record{};
  record.list_id = list_id_of(list.name);
  std::memcpy(record.name, list.name.data(), list.name.size());
  record.state = static_cast<std::uint8_t>(list.state);
  record.ends_s = list.ends_s;
  record.shadow_from_s = list.shadow_from_s;
  record.first_selector = first_selector;
  record.applies_to_count = static_cast<std::uint16_t>(list.applies_to.size());
  record.exempt_count = static_cast<std::uint16_t>(list.exempt.size());
  return record;
}

// Completes the header and puts it and the checksum where they belong.
void seal(Header& header, const Moment& created, const digest::Key& key, SnapshotBytes& bytes) {
  header.magic = kMagic;
  header.major = kMajor;
  header.minor = kMinor;
  header.header_size = sizeof(Header);
  header.created_realtime_ns = created.realtime_ns;
  header.created_boottime_ns = created.boottime_ns;
  std::ranges::copy(created.boot, header.created_boot_id);
  header.created_clock_agreed = created.clock_agreed ? 1 : 0;
  const auto id = digest::key_id(key);
  std::memcpy(header.key_id, id.data(), id.size());
  std::memcpy(bytes.data(), &header, sizeof header);
  const auto sum = checksum_of(key, bytes.view());
  std::memcpy(bytes.data() + offsetof(Header, checksum), &sum, sizeof header.checksum);
}

Status check(std::span<const ListInput> lists) {
  if (lists.size() > kMaxListCount) {
    return fail(ErrorCode::limit, "a snapshot holds at most " + std::to_string(kMaxListCount) + " lists");
  }
  for (const auto& list : lists) {
    if (list.name.empty() || list.name.size() > sizeof(ListRecord::name)) {
      return fail(ErrorCode::invalid_argument, "a list's name has 1..32 bytes");
    }
    if (auto status = check_selectors(list); !status) return status;
  }
  return {};
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
                                     const Moment& created) {
  if (auto status = check(lists); !status) return std::unexpected(status.error());
  std::size_t total = 0;
  for (const auto& list : lists) total += list.entries.size();
  if (total > kMaxEntries) return fail(ErrorCode::limit, "a snapshot holds at most 2^30 entries");

  RuleSets rule_sets;
  const auto distinct = join(gather(lists, total), rule_sets);
  const SelectorTables selectors(lists);

  Header header{};
  const auto bucket_count = static_cast<std::uint64_t>(static_cast<double>(distinct.size()) * kSlotsPerEntry / 4) + 1;
  const std::uint64_t line_count = total / kEntriesPerLine + 1;
  const auto lay_out_all = [&](std::uint8_t* base, std::uint64_t& offset) {
    // Braces, not parentheses: the sections are laid out from left to right.
    return std::tuple{
        lay_out<ListRecord>(base, offset, header.lists, lists.size()),
        lay_out<RuleSet>(base, offset, header.rule_sets, rule_sets.sets.size()),
        lay_out<Rule>(base, offset, header.rules, rule_sets.rules.size()),
        lay_out<FilterLine>(base, offset, header.filter, line_count),
        lay_out<Bucket>(base, offset, header.buckets, bucket_count),
        lay_out<std::uint32_t>(base, offset, header.rule_ends, rule_sets.any_ends() ? rule_sets.ends.size() : 0),
        lay_out<Selector>(base, offset, header.selectors, selectors.selectors.size()),
        lay_out<std::uint16_t>(base, offset, header.realms, selectors.realms.size()),
        lay_out<PrefixRecord>(base, offset, header.prefixes, selectors.prefixes.size())};
  };
  std::uint64_t size = sizeof(Header);
  lay_out_all(nullptr, size);
  SnapshotBytes bytes(static_cast<std::size_t>(size));
  std::uint64_t offset = sizeof(Header);
  auto [list_records, sets, rules, filter, buckets, ends, selector_records, realms, prefixes] =
      lay_out_all(bytes.data(), offset);

  for (std::size_t i = 0; i < lists.size(); ++i) list_records[i] = record_of(lists[i], selectors.first_of[i]);
  mark_all(filter, lists);
  std::ranges::copy(rule_sets.sets, sets.begin());
  std::ranges::copy(rule_sets.rules, rules.begin());
  std::ranges::copy(std::span(rule_sets.ends).first(ends.size()), ends.begin());
  std::ranges::copy(selectors.selectors, selector_records.begin());
  std::ranges::copy(selectors.realms, realms.begin());
  std::ranges::copy(selectors.prefixes, prefixes.begin());
  if (!place_all(buckets, distinct)) {
    return fail(ErrorCode::limit, "a bucket chain of the snapshot is longer than its bound");
  }
  header.file_size = size;
  header.generation = generation;
  header.entry_count = distinct.size();
  seal(header, created, key, bytes);
  return bytes;
}

}  // namespace parapet::snapshot
