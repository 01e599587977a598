// SPDX-License-Identifier: Apache-2.0
// Log events and audit records of the list's way.
#include "control/recorder.h"

#include <limits>

#include "base/log.h"
#include "lists/compile/entry_id.h"

namespace parapet::control {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

}  // namespace

void Recorder::audit(std::string_view type, std::initializer_list<LogField> fields) {
  if (auto status = audit_.append(type, fields); !status) log_error("audit_failed", status.error());
}

void Recorder::on_list_loaded(const lists::DigestedList& list) {
  log_event(LogLevel::info, "list_loaded",
            {{"source", list.name}, {"sequence", list.sequence}, {"entries", list.entries.size()}});
}

void Recorder::on_list_accepted(const lists::DigestedList& list, std::uint64_t ended) {
  last_refusals_.erase(list.name);
  log_event(LogLevel::info, "list_accepted",
            {{"source", list.name},
             {"sequence", list.sequence},
             {"entries", list.entries.size()},
             {"unenforceable", list.unenforceable},
             {"ended", ended},
             {"feed_version", list.place.version}});
  audit("list_accepted", {{"source", list.name},
                          {"sequence", list.sequence},
                          {"entries", list.entries.size()},
                          {"unenforceable", list.unenforceable},
                          {"ended", ended},
                          {"feed_version", list.place.version},
                          {"fetched", static_cast<double>(list.fetched_realtime_ns) / 1e9},
                          {"last_modified", static_cast<double>(list.last_modified_realtime_ns) / 1e9}});
}

void Recorder::on_list_unchanged(const std::string& source) {
  last_refusals_.erase(source);
  log_event(LogLevel::debug, "list_unchanged", {{"source", source}});
}

void Recorder::on_list_refused(const std::string& source, const Error& error) {
  log_event(LogLevel::warn, "list_refused",
            {{"source", source}, {"code", name_of(error.code)}, {"context", error.context}});
  auto& last = last_refusals_[source];
  if (last == error.context) return;
  last = error.context;
  audit("list_refused", {{"source", source}, {"code", name_of(error.code)}, {"context", error.context}});
}

void Recorder::on_list_held(const lists::HeldList& held) {
  last_refusals_.erase(held.list.name);
  const auto subject = approval::format_subject(held.tally.subject());
  const auto summary = lists::summary_of(held.findings);
  std::vector<EntryId> seen;
  for (const auto& finding : held.findings) seen.insert(seen.end(), finding.entries.begin(), finding.entries.end());
  log_event(LogLevel::error, "list_held",
            {{"source", held.list.name}, {"entries", held.list.entries.size()}, {"findings", summary}});
  audit("list_held", {{"source", held.list.name},
                      {"entries", held.list.entries.size()},
                      {"subject", subject},
                      {"findings", summary},
                      {"entry_ids", lists::format_entry_ids(seen)},
                      {"people_needed", held.people_needed()}});
}

void Recorder::on_decision(const approval::SignedStatement& said, approval::Outcome outcome) {
  const auto& statement = said.statement;
  log_event(LogLevel::warn, "list_decision",
            {{"source", statement.about},
             {"approver", statement.by},
             {"decision", approval::name_of(statement.decision)},
             {"outcome", approval::name_of(outcome)}});
  audit("list_decision", {{"source", statement.about},
                          {"subject", approval::format_subject(statement.subject)},
                          {"approver", statement.by},
                          {"decision", approval::name_of(statement.decision)},
                          {"expires", statement.expires_realtime_s},
                          {"signature", said.signature},
                          {"outcome", approval::name_of(outcome)}});
}

void Recorder::on_withdrawal_taken(const lists::DigestedList& list) {
  log_event(LogLevel::warn, "withdrawal_taken", {{"source", list.name}, {"entries", list.entries.size()}});
  audit("withdrawal_taken", {{"source", list.name}, {"entries", list.entries.size()}});
}

void Recorder::on_allowance_over(const std::string& source, std::span<const EntryId> entries) {
  log_event(LogLevel::error, "allowance_over", {{"source", source}, {"entry_ids", lists::format_entry_ids(entries)}});
  audit("allowance_over", {{"source", source}, {"entry_ids", lists::format_entry_ids(entries)}});
}

void Recorder::on_went_back(Generation to, const std::string& reason) {
  log_event(LogLevel::warn, "went_back", {{"generation", to}, {"reason", reason}});
  audit("went_back", {{"generation", to}, {"reason", reason}});
}

void Recorder::on_switched(const std::string& source, config::SourceState state, const std::string& reason) {
  log_event(LogLevel::warn, "switched", {{"source", source}, {"state", config::name_of(state)}, {"reason", reason}});
  audit("switched", {{"source", source}, {"state", config::name_of(state)}, {"reason", reason}});
}

void Recorder::on_suspension(lists::SuspensionEvent event, const lists::Suspension& suspension,
                             std::span<const EntryId> entries) {
  log_event(LogLevel::warn, "suspension",
            {{"what", lists::name_of(event)},
             {"number", suspension.number},
             {"approver", suspension.by},
             {"confirmed_by", suspension.confirmed_by},
             {"reason", suspension.reason},
             {"entry_ids", lists::format_entry_ids(entries)}});
  audit("suspension", {{"what", lists::name_of(event)},
                       {"number", suspension.number},
                       {"approver", suspension.by},
                       {"confirmed_by", suspension.confirmed_by},
                       {"reason", suspension.reason},
                       {"entry_ids", lists::format_entry_ids(entries)},
                       {"until", suspension.until_realtime_s}});
}

void Recorder::on_report_made(const std::string& source, const lists::WaitingReport& report, std::size_t entries) {
  audit("report_made", {{"source", source},
                        {"number", report.number},
                        {"what", lists::name_of(report.event)},
                        {"entries", std::uint64_t{entries}}});
}

void Recorder::on_report_delivered(const std::string& source, const lists::WaitingReport& report) {
  last_report_failures_.erase(source);
  log_event(LogLevel::info, "report_delivered",
            {{"source", source}, {"number", report.number}, {"what", lists::name_of(report.event)}});
  audit("report_delivered", {{"source", source}, {"number", report.number}, {"what", lists::name_of(report.event)}});
}

void Recorder::on_report_failed(const std::string& source, const Error& error) {
  log_event(LogLevel::warn, "report_failed",
            {{"source", source}, {"code", name_of(error.code)}, {"context", error.context}});
  auto& last = last_report_failures_[source];
  if (last == error.context) return;
  last = error.context;
  audit("report_failed", {{"source", source}, {"code", name_of(error.code)}, {"context", error.context}});
}

void Recorder::on_scope_changed(const lists::AcceptedScope& scope) {
  const auto categories = joined(scope.categories), people = joined(scope.signed_by);
  log_event(
      LogLevel::warn, "scope_lock_changed",
      {{"sequence", scope.sequence}, {"digest", scope.digest}, {"categories", categories}, {"signed_by", people}});
  audit("scope_lock_changed",
        {{"sequence", scope.sequence}, {"digest", scope.digest}, {"categories", categories}, {"signed_by", people}});
}

void Recorder::on_scope_refused(const Error& error) {
  log_error("scope_lock_refused", error);
  audit("scope_lock_refused", {{"code", name_of(error.code)}, {"context", error.context}});
}

void Recorder::on_published(const lists::Publication& publication) {
  log_event(LogLevel::info, "published",
            {{"generation", publication.generation},
             {"entries", publication.entry_count},
             {"size_bytes", publication.size_bytes}});
  if (!publication.clock_believed) {
    log_event(LogLevel::error, "clock_not_believed", {{"generation", publication.generation}});
  }
  audit("published", {{"generation", publication.generation},
                      {"entries", publication.entry_count},
                      {"created", static_cast<double>(publication.created_realtime_ns) / 1e9}});
}

void Recorder::on_publication_failed(const Error& error) {
  log_error("publication_failed", error);
  audit("publication_failed", {{"code", name_of(error.code)}, {"context", error.context}});
}

void Recorder::on_publication_held(const std::string& source) {
  log_event(LogLevel::error, "publication_held", {{"source", source}});
}

// A delay that there was none of is null.
void Recorder::on_applied(const lists::Applied& applied) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  const double enforce_s = applied.enforce_s.value_or(kNone), release_s = applied.release_s.value_or(kNone);
  log_event(LogLevel::info, "applied",
            {{"generation", applied.generation}, {"time_to_enforce_s", enforce_s}, {"time_to_release_s", release_s}});
  audit("applied", {{"generation", applied.generation},
                    {"applied", static_cast<double>(applied.applied_realtime_ns) / 1e9},
                    {"time_to_enforce_s", enforce_s},
                    {"time_to_release_s", release_s}});
  measure_(applied);
}

}  // namespace parapet::control
