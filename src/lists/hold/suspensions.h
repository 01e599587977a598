// SPDX-License-Identifier: Apache-2.0
// Suspensions: entries that one person lifted because something is stopped that should not be. Each ends by itself
// after 24 hours unless a second person confirms it; list updates do not end it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "approval/statement.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "digest/key.h"
#include "digest/name.h"
#include "lists/compile/digested_list.h"

namespace parapet::lists {

inline constexpr std::size_t kMaxSuspensions = 5;
inline constexpr std::uint64_t kSuspensionSeconds = 86'400;

// What is lifted: one entry, or all that stops a host or stands on it. Holds no name.
struct SuspensionTarget {
  EntryId entry{};  // where no host is given
  bool is_host = false;
  digest::Words host_words{};            // the host's digest state (digest/siphash.h)
  std::vector<digest::Digest> suffixes;  // of the host's last two labels, three ..., the whole host

  //   errors  invalid_argument: neither an entry id of 16 hexadecimal digits nor a host name
  static Result<SuspensionTarget> parse(std::string_view text, const digest::Key& key);
  // What the person signs: keyed, so that it tells nothing of the host.
  approval::Subject subject(const digest::Key& key) const;
  // The entries of a list that it lifts, ascending.
  std::vector<EntryId> entries_of(const DigestedList& list) const;
};

struct Suspension {
  std::uint64_t number = 0;
  SuspensionTarget target;
  std::string reason;
  std::string by;
  std::string confirmed_by;  // empty: nobody did
  std::uint64_t begun_realtime_s = 0;
  std::uint64_t until_realtime_s = 0;  // 0: until somebody ends it
};

// A reason holds letters, digits, blanks, '-' and '#' alone, so that no name of a site can stand in it.
bool is_reason(std::string_view text);

// Kept in a keyed file.  thread: callers take turns.  The key must outlive it.
class Suspensions {
 public:
  //   errors  integrity · malformed · io
  static Result<Suspensions> load(std::string path, const digest::Key& key);

  //   errors  limit (five stand already) · refused (the target is suspended already) · io
  Result<Suspension> begin(SuspensionTarget target, std::string reason, std::string by, std::uint64_t now_realtime_s);
  //   errors  not_found · refused (by the person who began it, or confirmed already) · io
  Result<Suspension> confirm(std::uint64_t number, const std::string& by, std::uint64_t now_realtime_s);
  //   errors  not_found · io
  Result<Suspension> end(std::uint64_t number);
  // Takes away those whose time is over.
  Result<std::vector<Suspension>> end_due(std::uint64_t now_realtime_s);

  const std::vector<Suspension>& all() const noexcept { return suspensions_; }
  const Suspension* find(std::uint64_t number) const;
  // The entries of a list that are not enforced, ascending.
  std::vector<EntryId> lifted(const DigestedList& list) const;

 private:
  Suspensions(std::string path, const digest::Key& key) : path_(std::move(path)), key_(&key) {}
  Status keep(std::vector<Suspension> suspensions, std::uint64_t next_number);

  std::string path_;
  const digest::Key* key_;
  std::uint64_t next_number_ = 1;
  std::vector<Suspension> suspensions_;
};

}  // namespace parapet::lists
