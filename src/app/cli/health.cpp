// SPDX-License-Identifier: Apache-2.0
// Judging counters.
#include "app/cli/health.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <iterator>

#include "app/cli/answer_fields.h"
#include "app/cli/text_table.h"
#include "base/boot_id.h"

namespace parapet::cli {
namespace {

using counters::SnapshotRefusal;

constexpr Nanoseconds kApplyPatience = 5 * kNanosecondsPerSecond;

// More than one part in a hundred.
bool over_one_percent(std::uint64_t part, std::uint64_t whole) noexcept { return part > whole / 100; }

void judge_snapshot(const counters::Header& header, std::vector<Warning>& warnings) {
  if (header.applied_generation == 0) {
    warnings.push_back({"no_list", "no list is in force: nothing is stopped; see parapetd's log and its sources"});
  }
  if (header.refusal != 0) {
    warnings.push_back(
        {"snapshot_refused", "the newest snapshot was refused (" +
                                 std::string(name_of(static_cast<SnapshotRefusal>(header.refusal))) +
                                 "): the list before it stays in force; both programs must read the same "
                                 "digest_key_file and have fitting versions"});
  }
}

void judge_ports(const counters::Header& header, std::vector<Warning>& warnings) {
  for (std::uint32_t i = 0; i < header.port_count; ++i) {
    const auto& port = header.ports[i];
    if (port.link_up != 0) continue;
    const std::string pair(reinterpret_cast<const char*>(port.pair_name),
                           ::strnlen(reinterpret_cast<const char*>(port.pair_name), sizeof port.pair_name));
    warnings.push_back(
        {"link_down", "pair " + pair + ": no link on the " + (port.side == 0 ? "subscriber" : "transit") + " side"});
  }
}

void judge_workers(const counters::Reading& reading, const Surroundings& now, std::vector<Warning>& warnings) {
  for (std::size_t i = 0; i < reading.workers.size(); ++i) {
    const auto& worker = reading.workers[i];
    if (worker.heartbeat_monotonic_ns != 0 && age_of(worker.heartbeat_monotonic_ns, now) <= kSilence) continue;
    warnings.push_back({"worker_silent", "worker " + std::to_string(i) +
                                             " gives no sign of life: its ports do not forward, "
                                             "or the kernel forwards for it; restart parapet-edge"});
  }
}

void judge_traffic(const counters::WorkerBlock& total, std::vector<Warning>& warnings) {
  if (over_one_percent(total.checksums_bad, total.checksums_verified)) {
    warnings.push_back(
        {"bad_checksums", share_text(total.checksums_bad, total.checksums_verified) +
                              " of the checksums are wrong and those frames are not inspected: turn the sender's "
                              "offloads off (ethtool -K IFACE tx off rx off tso off gso off gro off) on every "
                              "machine or bridge that hands frames to the edge without finishing them"});
  }
  const auto [requests, of_requests, frames, of_frames] = uninspected_of(total);
  if (over_one_percent(requests, of_requests) || over_one_percent(frames, of_frames)) {
    warnings.push_back({"uninspected", "not inspected although readable: " + share_text(requests, of_requests) +
                                           " of the requests, " + share_text(frames, of_frames) +
                                           " of the frames; the reasons stand under 'uninspected'"});
  }
}

void judge_control(const counters::Header& header, const std::optional<nlohmann::json>& control,
                   const Surroundings& now, std::vector<Warning>& warnings) {
  if (!control) {
    warnings.push_back({"control_silent", "parapetd does not answer: the list in force stays, but nothing new comes"});
    return;
  }
  const auto& published = field_at(*control, "published");
  const std::uint64_t generation = count_at(published, "generation");
  if (generation > header.applied_generation && now.realtime_ns > time_at(published, "time") + kApplyPatience) {
    warnings.push_back({"not_applied", "parapetd has published generation " + std::to_string(generation) +
                                           ", the edge applies " + std::to_string(header.applied_generation)});
  }
  if (const auto code = text_at(published, "error_code"); !code.empty()) {
    warnings.push_back({"publication_failing", "parapetd cannot publish (" + code + "): see its log"});
  }
  const auto of_scope = find_scope_warnings(*control);
  warnings.insert(warnings.end(), of_scope.begin(), of_scope.end());
  for (const auto& source : field_at(*control, "sources")) {
    const auto code = text_at(source, "error_code");
    if (code.empty()) continue;
    warnings.push_back({"source_failing", "source " + text_at(source, "name") + ": its last poll failed (" + code +
                                              "); its last good list stays in force"});
  }
}

std::string hex_of(std::span<const std::uint8_t, 16> bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

}  // namespace

Surroundings look_around() {
  const SystemClock clock;
  Surroundings now{clock.monotonic_ns(), clock.realtime_ns(), {}};
  if (const BootId boot = read_boot_id(); boot != BootId{}) now.boot_id = hex_of(boot);
  return now;
}

std::string boot_id_of(const counters::Header& header) { return hex_of(header.boot_id); }

Nanoseconds age_of(Nanoseconds heartbeat_monotonic_ns, const Surroundings& now) noexcept {
  return now.monotonic_ns > heartbeat_monotonic_ns ? now.monotonic_ns - heartbeat_monotonic_ns : 0;
}

bool edge_runs(const counters::Header& header, const Surroundings& now) {
  if (!now.boot_id.empty() && boot_id_of(header) != now.boot_id) return false;
  return age_of(header.heartbeat_monotonic_ns, now) <= kSilence;
}

std::string_view name_of(SnapshotRefusal refusal) noexcept {
  switch (refusal) {
    case SnapshotRefusal::none: return "none";
    case SnapshotRefusal::unreadable: return "unreadable";
    case SnapshotRefusal::malformed: return "malformed";
    case SnapshotRefusal::version: return "version";
    case SnapshotRefusal::key: return "key";
    case SnapshotRefusal::checksum: return "checksum";
    case SnapshotRefusal::older: return "older";
  }
  return "unknown";
}

std::uint64_t requests_of(const counters::WorkerBlock& total) noexcept {
  std::uint64_t sum = 0;
  for (const auto& verdicts : total.requests) {
    for (const std::uint64_t count : verdicts) sum += count;
  }
  return sum;
}

Uninspected uninspected_of(const counters::WorkerBlock& total) noexcept {
  Uninspected sum{0, requests_of(total), 0, total.rx_frames[0] + total.rx_frames[1]};
  for (std::size_t i = 0; i < kCountOf<UninspectedReason>; ++i) {
    const auto reason = static_cast<UninspectedReason>(i);
    const std::uint64_t count = total.uninspected[i];
    const bool past_the_edge = reason == UninspectedReason::kernel_bypass || reason == UninspectedReason::jumbo;
    if (past_the_edge || reason == UninspectedReason::fragment) {
      sum.frames += count;
      if (past_the_edge) sum.of_frames += count;
    } else {
      sum.requests += count;
      sum.of_requests += count;
    }
  }
  return sum;
}

std::vector<Warning> find_scope_warnings(const nlohmann::json& control) {
  std::vector<Warning> warnings;
  const auto& scope = field_at(control, "scope");
  const auto state = text_at(scope, "state");
  if (state == "none") {
    warnings.push_back({"no_scope_lock",
                        "no scope lock: nothing says which categories may be stopped, so every list only counts; two "
                        "people sign one (parapet scope --help), scope_lock_file of control.toml names it"});
  } else if (state == "refused") {
    warnings.push_back({"scope_lock_refused", "the scope lock is refused (" + text_at(scope, "error_context") +
                                                  "): no new list is taken, the last good ones stay in force"});
  }
  if (state.empty() || count_at(scope, "sequence") == 0) return warnings;
  for (const auto& source : field_at(control, "sources")) {
    if (field_at(source, "in_scope") != false || text_at(source, "configured_state") != "enforce") continue;
    warnings.push_back(
        {"source_out_of_scope",
         "source " + text_at(source, "name") + ": the scope lock does not have its category; its list only counts"});
  }
  return warnings;
}

std::vector<Warning> find_warnings(const counters::Reading& reading, const std::optional<nlohmann::json>& control,
                                   const Surroundings& now) {
  std::vector<Warning> warnings;
  judge_snapshot(*reading.header, warnings);
  judge_ports(*reading.header, warnings);
  judge_workers(reading, now, warnings);
  judge_traffic(reading.total(), warnings);
  judge_control(*reading.header, control, now, warnings);
  return warnings;
}

}  // namespace parapet::cli
