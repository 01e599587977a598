// SPDX-License-Identifier: Apache-2.0
// What happens to lists, for log, audit and metrics.
#pragma once

#include <string>
#include <string_view>

#include "approval/tally.h"
#include "lists/hold/held_list.h"
#include "lists/hold/scope.h"
#include "lists/hold/suspensions.h"
#include "lists/publish/publisher.h"
#include "lists/report/outbox.h"
#include "lists/update/acknowledgement.h"

namespace parapet::lists {

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
  virtual void on_report_made(const std::string& source, const WaitingReport& report, std::size_t entries) = 0;
  virtual void on_report_delivered(const std::string& source, const WaitingReport& report) = 0;
  virtual void on_report_failed(const std::string& source, const Error& error) = 0;  // it waits, or was not made
  virtual void on_scope_changed(const AcceptedScope& scope) = 0;
  virtual void on_scope_refused(const Error& error) = 0;  // what was accepted stays, and no new list is taken
  virtual void on_published(const Publication& publication) = 0;
  virtual void on_publication_failed(const Error& error) = 0;
  virtual void on_publication_held(const std::string& source) = 0;  // its list is published but not held any more
  virtual void on_applied(const Applied& applied) = 0;
};

}  // namespace parapet::lists
