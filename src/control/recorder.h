// SPDX-License-Identifier: Apache-2.0
// Writes what happens to lists into the log and the audit log.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "evidence/audit_log.h"
#include "lists/update/updater.h"

namespace parapet::control {

// thread: the updater's, one call at a time.  The audit log must outlive it.
class Recorder final : public lists::UpdateObserver {
 public:
  // `measure` takes what the edge applied, with its time-to-enforce and time-to-release.
  Recorder(evidence::AuditLog& audit, std::function<void(const lists::Applied&)> measure)
      : audit_(audit), measure_(std::move(measure)) {}

  void on_list_loaded(const lists::DigestedList& list) override;
  void on_list_accepted(const lists::DigestedList& list, std::uint64_t ended) override;
  void on_list_unchanged(const std::string& source) override;
  // Every refusal is logged; the audit log gets a record when the reason is another one than the time before.
  void on_list_refused(const std::string& source, const Error& error) override;
  void on_list_held(const lists::HeldList& held) override;
  void on_decision(const approval::SignedStatement& said, approval::Outcome outcome) override;
  void on_withdrawal_taken(const lists::DigestedList& list) override;
  void on_allowance_over(const std::string& source, std::span<const EntryId> entries) override;
  void on_went_back(Generation to, const std::string& reason) override;
  void on_switched(const std::string& source, config::SourceState state, const std::string& reason) override;
  void on_suspension(lists::SuspensionEvent event, const lists::Suspension& suspension,
                     std::span<const EntryId> entries) override;
  void on_report_made(const std::string& source, const lists::WaitingReport& report, std::size_t entries) override;
  void on_report_delivered(const std::string& source, const lists::WaitingReport& report) override;
  // Logged each time; a record when the reason is another one than the time before, as of lists.
  void on_report_failed(const std::string& source, const Error& error) override;
  void on_scope_changed(const lists::AcceptedScope& scope) override;
  void on_scope_refused(const Error& error) override;
  void on_published(const lists::Publication& publication) override;
  void on_publication_failed(const Error& error) override;
  void on_publication_held(const std::string& source) override;
  void on_applied(const lists::Applied& applied) override;

 private:
  void audit(std::string_view type, std::initializer_list<LogField> fields);

  evidence::AuditLog& audit_;
  std::function<void(const lists::Applied&)> measure_;
  std::map<std::string, std::string> last_refusals_, last_report_failures_;
};

}  // namespace parapet::control
