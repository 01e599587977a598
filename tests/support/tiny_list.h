// SPDX-License-Identifier: Apache-2.0
// A compiled snapshot made from a few entries.
#pragma once

#include <array>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/address_prefix.h"
#include "canon/entry.h"
#include "digest/entry.h"
#include "snapshot/builder.h"
#include "snapshot/snapshot.h"

namespace parapet::support {

inline constexpr digest::Key kTestKey{0x0706050403020100, 0x0f0e0d0c0b0a0908};

// "host:NAME", "domain:NAME", "url:URL" or "prefix:URL", each with " until SECONDS" where it ends.
struct TinyEntries {
  std::string name = "tiny";
  snapshot::ListState state = snapshot::ListState::enforce;
  std::vector<std::string> entries;
  std::uint32_t ends_s = 0;
  std::uint32_t shadow_from_s = 0;
  std::vector<snapshot::SelectorInput> applies_to{};
  std::vector<snapshot::SelectorInput> exempt{};
};

inline snapshot::SelectorInput selector(std::vector<std::uint16_t> realms,
                                        std::initializer_list<std::string> prefixes = {}) {
  snapshot::SelectorInput input{std::move(realms), {}};
  for (const std::string& text : prefixes) {
    const auto prefix = AddressPrefix::parse(text, true);
    if (!prefix) throw std::invalid_argument(prefix.error().context);
    input.prefixes.push_back(*prefix);
  }
  return input;
}

// An address as packets have it: IPv4 mapped.
inline std::array<std::uint8_t, 16> address_of(const std::string& text) {
  const auto prefix = AddressPrefix::parse(text);
  if (!prefix) throw std::invalid_argument(prefix.error().context);
  return prefix->address();
}

// Somebody of realm 0 at the beginning of time: where no list ends or selects, all the same.
inline constexpr std::array<std::uint8_t, 16> kNobody{};
inline constexpr snapshot::Occasion kAnyOccasion{0, {0}, &kNobody, false};

class TinyList {
 public:
  TinyList(std::initializer_list<std::string> entries)
      : TinyList(std::vector<TinyEntries>{{"tiny", snapshot::ListState::enforce, entries}}) {}
  explicit TinyList(const std::vector<TinyEntries>& lists) : bytes_(build(lists)), snapshot_(open(bytes_)) {}
  const snapshot::Snapshot& snapshot() const { return snapshot_; }
  ByteView bytes() const { return bytes_.view(); }

  static digest::DigestedEntry read(std::string_view entry) {
    const auto colon = entry.find(':');
    const std::string_view kind_name = entry.substr(0, colon);
    const canon::EntryKind kind = kind_name == "host"     ? canon::EntryKind::host
                                  : kind_name == "domain" ? canon::EntryKind::domain
                                  : kind_name == "url"    ? canon::EntryKind::url
                                                          : canon::EntryKind::prefix;
    constexpr std::string_view kUntil = " until ";
    const auto until = entry.find(kUntil);
    const auto parsed = canon::parse_entry(entry.substr(colon + 1, until - colon - 1), {}, &kind);
    if (!parsed) throw std::invalid_argument(parsed.error().context);
    auto digested = digest::digest_entry(kTestKey, *parsed, 1);
    if (until != entry.npos) {
      digested.ends_s = static_cast<std::uint32_t>(std::stoul(std::string(entry.substr(until + kUntil.size()))));
    }
    return digested;
  }

 private:
  static snapshot::SnapshotBytes build(const std::vector<TinyEntries>& lists) {
    std::vector<std::vector<digest::DigestedEntry>> digested;
    for (const TinyEntries& list : lists) {
      digested.emplace_back();
      for (const std::string& entry : list.entries) digested.back().push_back(read(entry));
    }
    std::vector<snapshot::ListInput> inputs;
    for (std::size_t i = 0; i < lists.size(); ++i) {
      const TinyEntries& list = lists[i];
      inputs.push_back(
          {list.name, list.state, digested[i], list.ends_s, list.shadow_from_s, list.applies_to, list.exempt});
    }
    auto bytes = snapshot::build_snapshot(inputs, kTestKey, 1, {.realtime_ns = 1});
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
