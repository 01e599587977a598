// SPDX-License-Identifier: Apache-2.0
// Simulating.
#include "control/simulator.h"

#include <fcntl.h>
#include <algorithm>
#include <array>

#include "base/log.h"

namespace parapet::control {
namespace {

using lists::GuardRule;
using lists::Taken;

bool is_sealed(const Fd& memory) {
  constexpr int kSeals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK;
  const int seals = memory.valid() ? ::fcntl(memory.get(), F_GET_SEALS) : -1;
  return seals >= 0 && (seals & kSeals) == kSeals;
}

// Guards that compare with what is in force, or with what its source keeps to itself.
bool tells_of_list(const lists::Finding& finding) {
  return finding.rule == GuardRule::growth || finding.rule == GuardRule::shrink || finding.rule == GuardRule::self_test;
}

// The reading child refused it for what it is, not for how this box is.
bool is_of_update(ErrorCode code) {
  using enum ErrorCode;
  return code == malformed || code == refused || code == limit || code == integrity || code == unsupported;
}

SimulatedOutcome outcome_of(Taken taken) {
  switch (taken) {
    case Taken::unchanged: return SimulatedOutcome::unchanged;
    case Taken::accepted: return SimulatedOutcome::taken;
    case Taken::held:
    case Taken::still_held: break;
  }
  return SimulatedOutcome::held;
}

}  // namespace

std::string_view name_of(SimulatedOutcome outcome) noexcept {
  constexpr std::array<std::string_view, 5> kNames{"taken", "unchanged", "held", "refused", "untold"};
  return kNames[static_cast<std::size_t>(outcome)];
}

Simulated told_of(lists::Updater::Outlook outlook, std::uint64_t entries, bool is_signed) {
  Simulated told{.outcome = outcome_of(outlook.foreseen.taken),
                 .refusal = {},
                 .entries = entries,
                 .in_force = outlook.in_force,
                 .compared = outlook.change.shared * 2 >= outlook.in_force,
                 .change = {},
                 .findings = std::move(outlook.foreseen.findings)};
  if (told.compared) {
    told.change = outlook.change;
  } else {
    std::erase_if(told.findings, tells_of_list);
    told.outcome = told.findings.empty() ? SimulatedOutcome::untold : SimulatedOutcome::held;
  }
  for (auto& finding : told.findings) {
    if (tells_of_list(finding)) finding.entries.clear();
  }
  const bool takes_back = is_signed && told.findings.size() == 1 && told.findings[0].rule == GuardRule::shrink;
  if (told.outcome == SimulatedOutcome::held) told.people_needed = takes_back ? 1 : 2;
  return told;
}

Result<Simulated> Simulator::judge(const config::SourceOptions& source, const Fd& memory) const {
  const lists::PollRequest request{.source = source,
                                   .etag = {},
                                   .last_modified = {},
                                   .trusted_now_realtime_ns = updater_.trusted_now_realtime_ns(),
                                   .guard = options_.guard};
  const auto read = read_(request, memory.get());
  if (!read) {
    if (!is_of_update(read.error().code)) return std::unexpected(read.error());
    return Simulated{.refusal = read.error()};
  }
  auto outlook = updater_.foresee(source.name, *read);
  if (!outlook) return Simulated{.refusal = outlook.error(), .entries = read->list.entries.size()};
  return told_of(std::move(*outlook), read->list.entries.size(), !source.keys.empty());
}

Result<Simulated> Simulator::simulate(const std::string& source, const Fd& memory) {
  if (!limit_.take()) {
    return fail(ErrorCode::refused, "too many questions; explain_per_minute of control.toml limits them");
  }
  const auto options = std::ranges::find(options_.sources, source, &config::SourceOptions::name);
  if (options == options_.sources.end()) {
    return fail(ErrorCode::not_found, "control.toml has no source of that name");
  }
  if (!is_sealed(memory)) return fail(ErrorCode::invalid_argument, "the update must come as sealed memory");
  auto simulated = judge(*options, memory);
  if (!simulated) return simulated;
  const auto summary = lists::summary_of(simulated->findings);
  const auto outcome = name_of(simulated->outcome);
  log_event(LogLevel::info, "simulated", {{"source", source}, {"outcome", outcome}, {"findings", summary}});
  auto status = audit_.append(
      "simulated", {{"source", source}, {"entries", simulated->entries}, {"outcome", outcome}, {"findings", summary}});
  if (status) return simulated;
  log_error("audit_failed", status.error());
  return fail(ErrorCode::io, "the audit log takes no record, so there is no answer");
}

}  // namespace parapet::control
