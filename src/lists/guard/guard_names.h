// SPDX-License-Identifier: Apache-2.0
// The data behind the guards: files of names that no list may stop, read by parapetd, used in the reading child.
//
// A file holds one name a line (or "rank,name"), comments from '#' on. Its date is the line
//     # as of: 2026-11-28
// or, in a public suffix list, "// VERSION: 2026-11-28_...", else the file's own time of change.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "config/guard_options.h"
#include "lists/guard/findings.h"

namespace parapet::lists {

inline constexpr Nanoseconds kMaxGuardAgeNs = 90 * 86'400 * kNanosecondsPerSecond;
inline constexpr std::size_t kMaxGuardFile = 64 << 20;  // bytes

// One file as it was read.
struct GuardFile {
  GuardRule rule;
  std::string text;
};

struct GuardNames {
  std::vector<GuardFile> files;       // those that could be read
  std::vector<std::string> problems;  // each file that is missing, unreadable, empty or over 90 days old
};

// Reads top_sites.txt, shared_hosts.txt, resolvers.txt, hotlines.txt, certificates.txt and special_use.txt of the
// directory, the public suffix list and the operator's own names.
//   cost  reads all of them;  thread: any
GuardNames load_guard_names(const config::GuardOptions& options, Nanoseconds trusted_now_realtime_ns);

// The canonical names of one file.
//   errors  malformed, with the line
Result<std::vector<std::string>> parse_guard_file(std::string_view text);

}  // namespace parapet::lists
