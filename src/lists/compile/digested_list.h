// SPDX-License-Identifier: Apache-2.0
// A list without its names: what leaves the reading child and what parapetd keeps on disk.
// docs/formats/digested_list.md describes the bytes; tests hold golden bytes of them.
//
// clang-format off
//   0    u64  magic "PRPTDLST"              72   u64  sequence
//   8    u16  major, 10 u16 minor           80   u64  fetched_realtime_ns
//   12   u32  header size, 160 or 192       88   u64  last_modified_realtime_ns
//   16   u64  file size                     96   u16  etag length, 98 u16 last-modified length, 100 u32 zero
//   24   u64  entry count                   104  u64  signed_realtime_ns, 112 u64 signed sequence
//   32   u64  offset of the entries         120  u8[8]  signing key id
//   40   u8[8]  digest key id               128  u8[32] list name, zero-padded
//   48   u64  unenforceable                 160  u64  place: version, whole_entries, added, removed; minor 3 alone
//   56   u8[16] checksum under the digest   192  etag, last-modified, zeros up to a multiple of 8 (160 below minor 3)
//        key, itself taken as zeros              then entries of 48 bytes
//
//   entry  u64 low, high, line, url_mark, id; u8 kind; u8[3] zero; u32 ends_s
// clang-format on
//
// Little-endian. Entries ascend strictly by low, high, kind. Minor 3 is written where a list has a place, else 2.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "digest/entry.h"
#include "digest/key.h"
#include "lists/guard/guard.h"
#include "lists/verify/minisign.h"
#include "lists/verify/order.h"

namespace parapet::lists {

inline constexpr std::size_t kMaxDigestedListFile = 1024 + 48 * kMaxEntries;  // bytes

// Of a source that sends increments: its own number of what the list says, and how far increments have taken the list
// from the last version that came whole or that people released.
struct ListPlace {
  std::uint64_t version = 0;        // 0: the source does not number its lists
  std::uint64_t whole_entries = 0;  // of that version
  std::uint64_t added = 0;          // since
  std::uint64_t removed = 0;
  friend bool operator==(const ListPlace&, const ListPlace&) = default;
};

struct DigestedList {
  std::string name;                             // of its source
  std::uint64_t sequence = 0;                   // grows with each accepted version of this source
  std::uint64_t fetched_realtime_ns = 0;        // when its download began
  std::uint64_t last_modified_realtime_ns = 0;  // as the source says; 0: it does not
  std::string etag;                             // to ask for changes with
  std::string last_modified;
  std::uint64_t unenforceable = 0;  // rules of the source that no entry stands for
  SignedOrder signed_order;         // all zero: not signed
  SigningKeyId signing_key{};       // that signed it
  ListPlace place;
  std::vector<digest::DigestedEntry> entries;  // strictly ascending by digest and kind
};

// Whether an entry's own end has come.
constexpr bool has_ended(const digest::DigestedEntry& entry, std::uint64_t trusted_now_s) noexcept {
  return entry.ends_s != 0 && entry.ends_s <= trusted_now_s;
}

// A hash over name, signer's order and entries: what the list says, whenever and however it was fetched.
std::array<std::uint8_t, 32> content_hash(const DigestedList& list);

// Brings entries into the order of the file; doubles fall together, and the later end counts.
void sort_entries(std::vector<digest::DigestedEntry>& entries);

//   REQUIRES  entries sorted; name 1..32 bytes
std::vector<std::uint8_t> format_digested_list(const DigestedList& list, const digest::Key& key);

// Believes nothing: magic, version, sizes, checksum, order, kinds and zeros are checked.
//   errors  malformed · unsupported (version) · integrity (key id or checksum)
Result<DigestedList> parse_digested_list(ByteView bytes, const digest::Key& key);

}  // namespace parapet::lists
