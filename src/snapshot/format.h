// SPDX-License-Identifier: Apache-2.0
// CONTRACT between parapetd (writer) and parapet-edge (reader): the compiled snapshot.
// docs/formats/snapshot.md describes it; tests hold golden bytes of it.
//
//   Header | ListRecord[] | RuleSet[] | Rule[] | FilterLine[] | Bucket[]      each section begins on 64 bytes
//          | rule ends u32[] | Selector[] | realms u16[] | PrefixRecord[]     from minor version 1 on
//
// Little-endian. Holds no listed name: only digests under the installation's key (digest/name.h), whose id, not whose
// bits, stand in the header. Readers accept the same major version; a minor version adds sections behind the known
// ones and gives a meaning to reserved bytes, which are zero before.
//
// Where a digest goes: bucket = (low >> 32) * bucket_count >> 32; the slot keeps the other 96 bits. A full bucket
// overflows into the next (cyclic), at most kMaxProbe buckets on. Where filter bits go: line by the digest of the
// host's last two labels, (line >> 32) * line_count >> 32; in it bits low & 511, low >> 9 & 511, low >> 18 & 511.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace parapet::snapshot {

static_assert(std::endian::native == std::endian::little, "the snapshot is little-endian");

inline constexpr std::uint64_t kMagic = 0x50414e5354505250;  // "PRPTSNAP"
inline constexpr std::uint16_t kMajor = 1;
inline constexpr std::uint16_t kMinor = 1;
inline constexpr std::size_t kAlignment = 64;
inline constexpr std::uint32_t kMaxProbe = 64;
inline constexpr std::uint32_t kMaxListCount = 32;
inline constexpr std::uint32_t kEmptySlot = 0xffffffff;
inline constexpr std::uint32_t kMaxSelectors = 16;   // of a list, of each of the two sorts
inline constexpr std::uint32_t kMaxPrefixes = 1024;  // of a list

struct Section {
  std::uint64_t offset;  // from the file's beginning
  std::uint64_t count;   // of elements
};

struct Header {
  std::uint64_t magic;
  std::uint16_t major;
  std::uint16_t minor;
  std::uint32_t header_size;
  std::uint64_t file_size;
  std::uint64_t generation;  // > 0
  std::uint64_t created_realtime_ns;
  std::uint8_t key_id[8];
  std::uint64_t entry_count;
  std::uint8_t checksum[16];  // digest::checksum over the whole file with these 16 bytes zero
  Section lists;
  Section rule_sets;
  Section rules;
  Section filter;
  Section buckets;
  // From minor version 1 on; zeros before.
  Section rule_ends;  // u32 for each rule, or none: when it ends, seconds since 1970; 0: never
  Section selectors;
  Section realms;  // u16, ascending within each selector
  Section prefixes;
  std::uint64_t created_boottime_ns;  // created_realtime_ns on CLOCK_BOOTTIME of
  std::uint8_t created_boot_id[16];   // this boot; zeros: not known
  std::uint8_t created_clock_agreed;  // 1: the wall clock was once believed (trusted_time.h)
  std::uint8_t reserved[15];
};
static_assert(sizeof(Header) == 256 && offsetof(Header, checksum) == 56 && offsetof(Header, rule_ends) == 152);

enum class ListState : std::uint8_t { off = 0, shadow = 1, enforce = 2 };

struct ListRecord {
  std::uint64_t list_id;  // stable; from the source's name
  std::uint8_t name[32];  // the operator's name of the source, zero-padded
  std::uint8_t state;     // ListState
  std::uint8_t reserved0;
  std::uint16_t reserved1;
  // From minor version 1 on; zeros before. Times in seconds since 1970.
  std::uint32_t ends_s;            // from then on the list is off; 0: never
  std::uint32_t shadow_from_s;     // from then on it only counts, because nobody confirmed it for too long; 0: never
  std::uint32_t first_selector;    // whom it is for, then whom not
  std::uint16_t applies_to_count;  // 0: for everybody
  std::uint16_t exempt_count;
  std::uint8_t reserved2[4];
};
static_assert(sizeof(ListRecord) == 64 && offsetof(ListRecord, ends_s) == 44);

struct RuleSet {  // what one digest stands for; shared by all digests with the same rules
  std::uint32_t first_rule;
  std::uint32_t rule_count;  // > 0
};
static_assert(sizeof(RuleSet) == 8);

struct Rule {
  std::uint16_t list;  // index into the lists
  std::uint8_t kind;   // canon::EntryKind
  std::uint8_t reserved;
};
static_assert(sizeof(Rule) == 4);

// Subscribers of one of these realms, with an address in one of these prefixes; no realms or no prefixes: of any.
struct Selector {
  std::uint32_t first_realm;
  std::uint32_t realm_count;
  std::uint32_t first_prefix;
  std::uint32_t prefix_count;  // ascending, none inside another
};
static_assert(sizeof(Selector) == 16);

struct PrefixRecord {
  std::uint8_t network[16];  // IPv4 mapped (::ffff:a.b.c.d); zero behind the prefix
  std::uint8_t bits;         // 0..128
  std::uint8_t family;       // 4, then bits is 96..128; or 6
  std::uint8_t reserved[6];
};
static_assert(sizeof(PrefixRecord) == 24);

struct FilterLine {
  std::uint64_t bits[8];
};
static_assert(sizeof(FilterLine) == 64);

struct Slot {
  std::uint64_t high;      // digest.high
  std::uint32_t low;       // digest.low, bits 0..31
  std::uint32_t rule_set;  // kEmptySlot: free
};
struct Bucket {
  Slot slots[4];
};
static_assert(sizeof(Bucket) == 64);

constexpr std::uint64_t place_of(std::uint64_t low, std::uint64_t count) noexcept {
  return ((low >> 32) * count) >> 32;
}
constexpr std::uint32_t filter_bit(std::uint64_t low, unsigned which) noexcept {
  return static_cast<std::uint32_t>(low >> (9 * which)) & 511u;
}
inline constexpr unsigned kFilterBits = 3;

}  // namespace parapet::snapshot
