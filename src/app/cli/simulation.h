// SPDX-License-Identifier: Apache-2.0
// Reading an update here as parapetd would, and asking those guards that need nothing but their data. Its names stand
// in this process's memory alone; nothing is written.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "config/control_options.h"
#include "lists/compile/ledger.h"
#include "lists/guard/findings.h"

namespace parapet::cli {

// An entry that would stop a protected name; the entry itself is never told.
struct Touch {
  std::uint64_t line;      // of the file (json: item)
  std::string guard_name;  // as the guard data have it
};

struct TouchedRule {
  lists::GuardRule rule;
  std::uint64_t count = 0;       // of entries, doubles too: as the guards count
  std::vector<Touch> touches{};  // the first kMaxNamedEntries, in the order of the file
};

struct Simulation {
  lists::Ledger ledger;
  std::uint64_t entries = 0;
  std::uint64_t unenforceable = 0;          // rules and lines of the file that no entry stands for
  std::vector<TouchedRule> touched;         // each rule once, in the order of their numbers
  std::vector<std::string> guard_problems;  // files that the guards need: missing, unreadable, empty or old

  // What the guards would see, as far as they can without what is in force.
  lists::Findings findings() const;
};

// A signature is not looked at.
//   errors  those of reading it as the source says: line numbers and reasons, never the text
//   cost    as parapetd's reading child
Result<Simulation> simulate(ByteView feed, const config::SourceOptions& source, const config::GuardOptions& guard,
                            Nanoseconds now_realtime_ns);

}  // namespace parapet::cli
