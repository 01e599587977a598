// SPDX-License-Identifier: Apache-2.0
// What a source is told when an entry of its list is suspended, as JSON. docs/formats/suspension_report.md
//
// It names entries by the number of the line where they stood in the source's own list, and by our keyed entry id. No
// listed name, no subscriber and none of our people stand in it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "lists/archive/find_entry.h"
#include "lists/compile/digested_list.h"
#include "lists/hold/suspensions.h"

namespace parapet::lists {

inline constexpr std::size_t kMaxReportedEntries = 1000;  // of one report; all are counted
inline constexpr std::size_t kMaxReport = 128 << 10;      // bytes

// The numbers stand in file names: never reuse one.
enum class SuspensionEvent : std::uint8_t { begun = 0, confirmed = 1, ended = 2, expired = 3 };
inline constexpr std::size_t kSuspensionEvents = 4;
std::string_view name_of(SuspensionEvent event) noexcept;

struct SuspensionReport {
  SuspensionEvent event{};
  const Suspension& suspension;
  const DigestedList& list;          // in force
  std::span<const EntryId> entries;  // of that list
  std::span<const EntryLine> lines;  // where those stood that are known
  std::string_view contact;          // of the operator
  std::uint64_t now_realtime_s = 0;
};

std::string format_report(const SuspensionReport& report);

}  // namespace parapet::lists
