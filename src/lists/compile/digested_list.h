// SPDX-License-Identifier: Apache-2.0
// A list without its names: what leaves the reading child and what parapetd keeps on disk.
// docs/formats/digested_list.md describes the bytes; tests hold golden bytes of them.
//
//   0    u64  magic "PRPTDLST"            56   u8[16] checksum under the digest key, itself taken as zeros
//   8    u16  major                       72   u64  sequence
//   10   u16  minor                       80   u64  fetched_realtime_ns
//   12   u32  header size, 160            88   u64  last_modified_realtime_ns
//   16   u64  file size                   96   u16  etag length,  98 u16 last-modified length, 100 u32 zero
//   24   u64  entry count                 104  u64  signed_realtime_ns,  112 u64 signed sequence, 120 u8[8] signing key
//   id 32   u64  offset of the entries       128  u8[32] list name, zero-padded 40   u8[8] digest key id 160  etag,
//   last-modified, zeros up to a multiple of 8 48   u64  unenforceable                     then entries of 48 bytes:
//                                           u64 low, high, line, url_mark, id; u8 kind; u8[3] zero; u32 ends_s
//
// Little-endian. Entries ascend strictly by low, high, kind.
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

struct DigestedList {
  std::string name;                             // of its source
  std::uint64_t sequence = 0;                   // grows with each accepted version of this source
  std::uint64_t fetched_realtime_ns = 0;        // when its download began
  std::uint64_t last_modified_realtime_ns = 0;  // as the source says; 0: it does not
  std::string etag;                             // to ask for changes with
  std::string last_modified;
  std::uint64_t unenforceable = 0;             // rules of the source that no entry stands for
  SignedOrder signed_order;                    // all zero: not signed
  SigningKeyId signing_key{};                  // that signed it
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
