// SPDX-License-Identifier: Apache-2.0
// What two people allowed against the guards: entries of one list on names that no list may stop, for seven days.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "digest/key.h"
#include "lists/compile/digested_list.h"
#include "lists/guard/findings.h"

namespace parapet::lists {

inline constexpr std::uint64_t kOverrideSeconds = 7 * 86'400;

// Kept in a keyed file.  thread: callers take turns.  The key must outlive it.
class Overrides {
 public:
  //   errors  integrity · malformed · io; without a file there are none
  static Result<Overrides> load(std::string path, const digest::Key& key);

  // The findings without the entries that are allowed now.
  Findings without_allowed(const Findings& findings, std::uint64_t now_realtime_s) const;
  // Allows the entries of never-block findings from now on.
  Status allow(const Findings& findings, std::uint64_t now_realtime_s);
  // Forgets what the list does not hold.
  Status forget_all_but(const DigestedList& list);
  // Entries whose time is over: not enforced until two people allow them anew. Ascending.
  std::vector<EntryId> over(std::uint64_t now_realtime_s) const;
  std::vector<EntryId> all() const;  // ascending

 private:
  Overrides(std::string path, const digest::Key& key) : path_(std::move(path)), key_(&key) {}
  Status keep() const;

  std::string path_;
  const digest::Key* key_;
  std::map<EntryId, std::uint64_t> until_realtime_s_;
};

}  // namespace parapet::lists
