// SPDX-License-Identifier: Apache-2.0
// Samples from the updater's status.
#include "metrics/source_metrics.h"

#include <algorithm>

namespace parapet::metrics {
namespace {

double seconds_of(std::uint64_t realtime_ns) { return static_cast<double>(realtime_ns) / 1e9; }

void add_ledger(Scrape& scrape, const lists::SourceStatus& source) {
  for (std::size_t kind = 0; kind < lists::kLedgerKinds.size(); ++kind) {
    scrape.add(Family::source_entries, source.ledger.entries_by_kind[kind], {source.name, lists::kLedgerKinds[kind]});
  }
  for (std::size_t protocol = 0; protocol < kCountOf<Protocol>; ++protocol) {
    for (std::size_t how = 0; how < lists::kEnforceabilities; ++how) {
      scrape.add(Family::source_ledger_entries, source.ledger.by_protocol[protocol][how],
                 {source.name, kProtocolNames[protocol], lists::name_of(static_cast<lists::Enforceability>(how))});
    }
  }
}

}  // namespace

void add_source_metrics(Scrape& scrape, const lists::UpdateStatus& status) {
  scrape.add(Family::generation, status.published.generation, {"published"});
  scrape.add(Family::publication_failed, std::uint64_t{status.published.error_code.empty() ? 0u : 1u});
  const auto confirmed = static_cast<std::uint64_t>(std::ranges::count_if(
      status.suspensions, [](const auto& each) { return !each.suspension.confirmed_by.empty(); }));
  scrape.add(Family::suspensions, confirmed, {"yes"});
  scrape.add(Family::suspensions, status.suspensions.size() - confirmed, {"no"});
  scrape.add(Family::clock_suspect, std::uint64_t{status.clock_suspect ? 1u : 0u});
  for (std::size_t i = 0; i < lists::kScopeStates; ++i) {
    const auto state = static_cast<lists::ScopeState>(i);
    scrape.add(Family::scope_lock, std::uint64_t{status.scope.state == state ? 1u : 0u}, {lists::name_of(state)});
  }
  for (const auto& source : status.sources) {
    using enum config::SourceState;
    for (const auto state : {off, shadow, enforce}) {
      scrape.add(Family::source_state, std::uint64_t{source.state == state ? 1u : 0u},
                 {source.name, config::name_of(state)});
    }
    scrape.add(Family::source_in_scope, std::uint64_t{source.in_scope ? 1u : 0u}, {source.name});
    if (source.is_told_of_suspensions) {
      scrape.add(Family::source_reports_waiting, source.reports_waiting, {source.name});
    }
    scrape.add(Family::source_polls_total, source.polls - source.failures, {source.name, "success"});
    scrape.add(Family::source_polls_total, source.failures, {source.name, "failure"});
    scrape.add(Family::source_last_success_timestamp_seconds, seconds_of(source.last_success_realtime_ns),
               {source.name});
    scrape.add(Family::source_last_failure_timestamp_seconds, seconds_of(source.last_failure_realtime_ns),
               {source.name});
    scrape.add(Family::source_held, std::uint64_t{source.held ? 1u : 0u}, {source.name});
    if (source.held) {
      for (const auto& finding : source.held->findings) {
        scrape.add(Family::source_held_findings, finding.count, {source.name, lists::name_of(finding.rule)});
      }
    }
    if (!source.loaded) continue;
    scrape.add(Family::source_lifted_entries, source.lifted, {source.name});
    scrape.add(Family::source_ended_entries, source.ledger.ended, {source.name});
    scrape.add(Family::source_stale, std::uint64_t{source.is_stale ? 1u : 0u}, {source.name});
    scrape.add(Family::source_fetched_timestamp_seconds, seconds_of(source.fetched_realtime_ns), {source.name});
    scrape.add(Family::source_sequence, source.sequence, {source.name});
    add_ledger(scrape, source);
  }
}

}  // namespace parapet::metrics
