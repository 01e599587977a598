// SPDX-License-Identifier: Apache-2.0
// What happens to lists, for log, audit and metrics.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "approval/tally.h"
#include "lists/hold/held_list.h"
#include "lists/hold/suspensions.h"
#include "lists/publish/publisher.h"
#include "lists/update/acknowledgement.h"

namespace parapet::lists {

enum class SuspensionEvent : std::uint8_t { begun, confirmed, ended, expired };
constexpr std::string_view name_of(SuspensionEvent event) noexcept {
  constexpr std::array<std::string_view, 4> kNames{"begun", "confirmed", "ended", "expired"};
  return kNames[static_cast<std::size_t>(event)];
}

// Called from the updater's threads, one call at a time.
class UpdateObserver {
 public:
  virtual ~UpdateObserver() = default;
  virtual void on_list_loaded(const DigestedList& list) = 0;                         // the last good one, at start
  virtual void on_list_accepted(const DigestedList& list, std::uint64_t ended) = 0;  // entries that have ended already
  virtual void on_list_unchanged(const std::string& source) = 0;
  virtual void on_list_refused(const std::string& source, const Error& error) = 0;
  virtual void on_list_held(const HeldList& held) = 0;
  // A person said something about a held list; what became of it.
  virtual void on_decision(const approval::SignedStatement& said, approval::Outcome outcome) = 0;
  virtual void on_withdrawal_taken(const DigestedList& list) = 0;  // nobody answered
  virtual void on_allowance_over(const std::string& source, std::span<const EntryId> entries) = 0;
  virtual void on_went_back(Generation to, const std::string& reason) = 0;
  virtual void on_switched(const std::string& source, config::SourceState state, const std::string& reason) = 0;
  virtual void on_suspension(SuspensionEvent event, const Suspension& suspension, std::span<const EntryId> entries) = 0;
  virtual void on_published(const Publication& publication) = 0;
  virtual void on_publication_failed(const Error& error) = 0;
  virtual void on_publication_held(const std::string& source) = 0;  // its list is published but not held any more
  virtual void on_applied(const Applied& applied) = 0;
};

}  // namespace parapet::lists
