// SPDX-License-Identifier: Apache-2.0
// THE table of metrics: name, type, labels and what each means. docs/metrics.md is generated from here and from
// counters/names.h. Label values come from fixed tables and from configured names alone.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <prometheus/metric_family.h>

namespace parapet::metrics {

// X(family, type, labels, help); the metric's name is parapet_FAMILY.
#define PARAPET_METRIC_FAMILIES(X)                                                                                     \
  X(edge_up, Gauge, "", "1 while the edge's counters are readable and its heartbeat is younger than 2 s")              \
  X(edge_heartbeat_age_seconds, Gauge, "", "time since the edge's control thread last beat")                           \
  X(edge_start_time_seconds, Gauge, "", "when the edge started, since 1970; counters begin again with it")             \
  X(frames_total, Counter, "reason", "frames that came in, by the one reason they left for")                           \
  X(received_frames_total, Counter, "side", "frames that came in")                                                     \
  X(received_bytes_total, Counter, "side", "bytes that came in")                                                       \
  X(sent_frames_total, Counter, "side", "frames that went out on that side, our own included")                         \
  X(sent_bytes_total, Counter, "side", "bytes that went out on that side")                                             \
  X(requests_total, Counter, "protocol,verdict", "requests read, by what became of them")                              \
  X(uninspected_total, Counter, "reason", "what could have been read and was not")                                     \
  X(actions_total, Counter, "action", "what was altered or sent by the edge")                                          \
  X(list_hits_total, Counter, "list,protocol", "requests that a list holds, lists in shadow included")                 \
  X(checksums_verified_total, Counter, "", "TCP and UDP checksums looked at")                                          \
  X(checksums_bad_total, Counter, "", "those that were wrong")                                                         \
  X(ech_present_total, Counter, "", "TLS hellos with an encrypted hello inside: its name is invisible")                \
  X(strays_total, Counter, "", "frames handed to the worker that owns their stream")                                   \
  X(injections_failed_total, Counter, "", "resets that found no buffer")                                               \
  X(records_in_use, Gauge, "", "streams that are being read")                                                          \
  X(port_link_up, Gauge, "pair,side", "1 while the port has link")                                                     \
  X(port_missed_total, Counter, "pair,side", "frames lost before the edge could take them, as the device says")        \
  X(port_no_buffer_total, Counter, "pair,side", "frames lost for want of a buffer, as the device says")                \
  X(port_send_errors_total, Counter, "pair,side", "frames the device could not send")                                  \
  X(port_kernel_bypassed_total, Counter, "pair,side", "frames that crossed in the kernel, no live edge there")         \
  X(port_kernel_jumbo_total, Counter, "pair,side", "frames that crossed in the kernel, too long for a socket")         \
  X(port_kernel_dropped_total, Counter, "pair,side", "frames that the XDP program could send nowhere")                 \
  X(generation, Gauge, "state", "of the snapshot: published by parapetd, applied by every worker of the edge")         \
  X(snapshots_refused_total, Counter, "", "snapshots that the edge refused")                                           \
  X(snapshot_refusal, Gauge, "refusal", "1 at the reason why the newest snapshot is not in force")                     \
  X(time_to_enforce_seconds, Histogram, "",                                                                            \
    "from an addition, at the source or by people, to the last worker that enforces it")                               \
  X(time_to_release_seconds, Histogram, "",                                                                            \
    "from a removal, at the source or by people, to the last worker that serves it again")                             \
  X(publication_failed, Gauge, "", "1 while the last publication went wrong")                                          \
  X(source_state, Gauge, "source,state", "1 at the state of the source that is in force")                              \
  X(source_held, Gauge, "source", "1 while a version of the source's list waits for people")                           \
  X(source_held_findings, Gauge, "source,rule", "entries of that version by the guard that holds them")                \
  X(source_lifted_entries, Gauge, "source", "entries in force that are not enforced: suspended, or allowed no longer") \
  X(source_ended_entries, Gauge, "source", "entries of the version in force whose own end has come")                   \
  X(suspensions, Gauge, "confirmed", "suspensions that stand")                                                         \
  X(clock_suspect, Gauge, "", "1 while the system's clock was too far ahead to be believed at start")                  \
  X(scope_lock, Gauge, "state",                                                                                        \
    "1 at the state of the scope lock: none, in_force, or refused: then no new list is taken")                         \
  X(source_in_scope, Gauge, "source", "1 where the scope lock has the source's category; else its list stops nothing") \
  X(source_reports_waiting, Gauge, "source", "reports of suspensions that wait for the source or for who brings them") \
  X(source_polls_total, Counter, "source,outcome", "polls of the source")                                              \
  X(source_last_success_timestamp_seconds, Gauge, "source",                                                            \
    "last poll that went well, since 1970; 0: none since start")                                                       \
  X(source_last_failure_timestamp_seconds, Gauge, "source", "last poll that did not, since 1970; 0: none since start") \
  X(source_stale, Gauge, "source", "1 where nobody confirmed the list for longer than its max_stale_s")                \
  X(source_fetched_timestamp_seconds, Gauge, "source", "when the version in force was downloaded, since 1970")         \
  X(source_sequence, Gauge, "source", "how many versions of the source were accepted")                                 \
  X(source_entries, Gauge, "source,kind", "entries of the version in force")                                           \
  X(source_ledger_entries, Gauge, "source,protocol,enforceability",                                                    \
    "the same entries by what can be done in a protocol")

#define PARAPET_FAMILY_VALUE(family, ...) family,
enum class Family : std::uint8_t { PARAPET_METRIC_FAMILIES(PARAPET_FAMILY_VALUE) count_ };
#undef PARAPET_FAMILY_VALUE

// All families of one scrape, in the order of the table.
class Scrape {
 public:
  Scrape();
  // One sample; label values in the order of the table.  REQUIRES as many of them as the family has labels
  void add(Family family, double value, std::initializer_list<std::string_view> label_values = {});
  void add(Family family, std::uint64_t value, std::initializer_list<std::string_view> label_values = {}) {
    add(family, static_cast<double>(value), label_values);
  }
  void add_histogram(Family family, prometheus::ClientMetric::Histogram histogram);
  // Without the families that got no sample.
  std::vector<prometheus::MetricFamily> take() &&;

 private:
  std::vector<prometheus::MetricFamily> families_;
};

}  // namespace parapet::metrics
