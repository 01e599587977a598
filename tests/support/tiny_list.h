// SPDX-License-Identifier: Apache-2.0
// A compiled snapshot made from a few entries.
#pragma once

#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "canon/entry.h"
#include "digest/entry.h"
#include "snapshot/builder.h"
#include "snapshot/snapshot.h"

namespace parapet::support {

inline constexpr digest::Key kTestKey{0x0706050403020100, 0x0f0e0d0c0b0a0908};

// "host:NAME", "domain:NAME", "url:URL" or "prefix:URL".
struct TinyEntries {
  std::string name = "tiny";
  snapshot::ListState state = snapshot::ListState::enforce;
  std::vector<std::string> entries;
};

class TinyList {
 public:
  TinyList(std::initializer_list<std::string> entries)
      : TinyList(std::vector<TinyEntries>{{"tiny", snapshot::ListState::enforce, entries}}) {}
  explicit TinyList(const std::vector<TinyEntries>& lists) : bytes_(build(lists)), snapshot_(open(bytes_)) {}
  const snapshot::Snapshot& snapshot() const { return snapshot_; }
  ByteView bytes() const { return bytes_.view(); }

 private:
  static digest::DigestedEntry read(std::string_view entry) {
    const auto colon = entry.find(':');
    const std::string_view kind_name = entry.substr(0, colon);
    const canon::EntryKind kind = kind_name == "host"     ? canon::EntryKind::host
                                  : kind_name == "domain" ? canon::EntryKind::domain
                                  : kind_name == "url"    ? canon::EntryKind::url
                                                          : canon::EntryKind::prefix;
    const auto parsed = canon::parse_entry(entry.substr(colon + 1), {}, &kind);
    if (!parsed) throw std::invalid_argument(parsed.error().context);
    return digest::digest_entry(kTestKey, *parsed, 1);
  }

  static snapshot::SnapshotBytes build(const std::vector<TinyEntries>& lists) {
    std::vector<std::vector<digest::DigestedEntry>> digested;
    for (const TinyEntries& list : lists) {
      digested.emplace_back();
      for (const std::string& entry : list.entries) digested.back().push_back(read(entry));
    }
    std::vector<snapshot::ListInput> inputs;
    for (std::size_t i = 0; i < lists.size(); ++i) inputs.push_back({lists[i].name, lists[i].state, digested[i]});
    auto bytes = snapshot::build_snapshot(inputs, kTestKey, 1, 1);
    if (!bytes) throw std::runtime_error(bytes.error().context);
    return std::move(*bytes);
  }

  static snapshot::Snapshot open(const snapshot::SnapshotBytes& bytes) {
    auto snapshot = snapshot::Snapshot::open(bytes.view(), kTestKey);
    if (!snapshot) throw std::runtime_error(snapshot.error().context);
    return *snapshot;
  }

  snapshot::SnapshotBytes bytes_;
  snapshot::Snapshot snapshot_;
};

}  // namespace parapet::support
