// SPDX-License-Identifier: Apache-2.0
// What an entry id stands for, in clear: told once, to the second of two people who ask for it within a day.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "approval/tally.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "config/guard_options.h"
#include "evidence/audit_log.h"
#include "lists/archive/archive.h"

namespace parapet::control {

inline constexpr std::size_t kMaxOpenReveals = 64;

struct Revealed {
  std::vector<std::string> people;  // who asked
  std::string text;                 // canonical; empty: another person must ask. Wipe it after use
  std::uint64_t version = 0;        // of the list, the newest kept one that has it
  std::uint64_t line = 0;
};

// What was asked for is forgotten when parapetd ends.  thread: one.  All references must outlive it.
class Revealer {
 public:
  //   archive  nullptr: none is kept
  Revealer(const lists::Archive* archive, std::span<const config::Approver> approvers, evidence::AuditLog& audit,
           const Clock& clock)
      : archive_(archive), approvers_(approvers), audit_(audit), clock_(clock) {}

  //   errors  unsupported (no archive is kept) · not_found (no kept version has it) · limit · those of
  //           approval::Tally::take · io (no record could be made: then no answer either)
  Result<Revealed> reveal(const std::string& source, EntryId id, const approval::SignedStatement& said);

 private:
  using Key = std::pair<std::string, EntryId>;
  void forget_expired(std::uint64_t now_realtime_s);

  const lists::Archive* archive_;
  std::span<const config::Approver> approvers_;
  evidence::AuditLog& audit_;
  const Clock& clock_;
  std::map<Key, approval::Tally> open_;
};

}  // namespace parapet::control
