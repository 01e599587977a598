// SPDX-License-Identifier: Apache-2.0
// Telling sources of suspensions.
#include <algorithm>
#include <random>

#include "lists/update/updater.h"

namespace parapet::lists {
namespace {

constexpr std::uint64_t kLookMs = 500;

}  // namespace

void Updater::report_suspension(SuspensionEvent event, const Suspension& suspension) {
  for (const auto& source : sources_) {
    const auto& list = source->intake.list();
    if (!source->options.report.is_wanted() || list == nullptr) continue;
    const auto entries = suspension.target.entries_of(*list);
    if (entries.empty()) continue;
    const auto named = std::span(entries).first(std::min(entries.size(), kMaxReportedEntries));
    std::vector<EntryLine> lines;  // without them the source has the time and its own version marks
    if (needs_.archive != nullptr) {
      if (auto found = needs_.archive->lines_of({list->name, list->sequence}, named)) lines = std::move(*found);
    }
    const WaitingReport report{suspension.number, event};
    const auto text = format_report({.event = event,
                                     .suspension = suspension,
                                     .list = *list,
                                     .entries = entries,
                                     .lines = lines,
                                     .contact = source->options.report.contact,
                                     .now_realtime_s = rules().trusted_now_s()});
    if (auto put = Outbox(source->options.report.directory).put(report, text); !put) {
      needs_.observer.on_report_failed(source->options.name, put.error().within("writing the report"));
    } else {
      needs_.observer.on_report_made(source->options.name, report, entries.size());
    }
  }
}

void Updater::deliver_reports() {
  while (!stop_.wait_ms(kLookMs)) {
    for (const auto& source : sources_) {
      if (source->options.report.is_sent() && !stop_.raised()) deliver_reports_of(*source);
    }
  }
}

// The oldest first; the first that fails ends the attempt, so that a source hears of things in their order.
void Updater::deliver_reports_of(Source& source) {
  thread_local std::minstd_rand random{std::random_device{}()};
  if (read_clock(CLOCK_MONOTONIC) < source.next_delivery_monotonic_ns) return;
  const Outbox outbox(source.options.report.directory);
  for (const auto& report : outbox.waiting()) {
    const auto text = outbox.read(report);
    if (!text && text.error().code == ErrorCode::not_found) continue;  // somebody else took it
    Status sent = text ? needs_.send_report(source.options, *text, stop_) : std::unexpected(text.error());
    if (stop_.raised()) return;
    if (sent) sent = outbox.remove(report);
    const std::lock_guard lock(mutex_);
    if (!sent) {
      const auto pause = pause_after(source.options.poll_interval_ms, ++source.failed_deliveries_in_a_row, random());
      source.next_delivery_monotonic_ns = read_clock(CLOCK_MONOTONIC) + pause * 1'000'000;
      needs_.observer.on_report_failed(source.options.name, sent.error());
      return;
    }
    source.failed_deliveries_in_a_row = 0;
    needs_.observer.on_report_delivered(source.options.name, report);
  }
}

}  // namespace parapet::lists
