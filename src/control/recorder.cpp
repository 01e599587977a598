// SPDX-License-Identifier: Apache-2.0
// Log events and audit records of the list's way.
#include "control/recorder.h"

#include "base/log.h"

namespace parapet::control {

void Recorder::audit(std::string_view type, std::initializer_list<LogField> fields) {
  if (auto status = audit_.append(type, fields); !status) log_error("audit_failed", status.error());
}

void Recorder::on_list_loaded(const lists::DigestedList& list) {
  log_event(LogLevel::info, "list_loaded",
            {{"source", list.name}, {"sequence", list.sequence}, {"entries", list.entries.size()}});
}

void Recorder::on_list_accepted(const lists::DigestedList& list) {
  last_refusals_.erase(list.name);
  log_event(LogLevel::info, "list_accepted",
            {{"source", list.name}, {"sequence", list.sequence}, {"entries", list.entries.size()}});
  audit("list_accepted", {{"source", list.name},
                          {"sequence", list.sequence},
                          {"entries", list.entries.size()},
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

void Recorder::on_applied(const lists::Applied& applied) {
  log_event(LogLevel::info, "applied", {{"generation", applied.generation}, {"time_to_enforce_s", applied.seconds}});
  audit("applied", {{"generation", applied.generation},
                    {"applied", static_cast<double>(applied.applied_realtime_ns) / 1e9},
                    {"time_to_enforce_s", applied.seconds}});
  on_enforced_(applied.seconds);
}

}  // namespace parapet::control
