// SPDX-License-Identifier: Apache-2.0
// What would become of an update that somebody holds already: read and guarded as if its source had sent it, and then
// forgotten. Rate limited, and every answer leaves a record with numbers alone.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/file.h"
#include "base/result.h"
#include "config/control_options.h"
#include "control/explain.h"
#include "evidence/audit_log.h"
#include "lists/update/source_reader.h"
#include "lists/update/updater.h"

namespace parapet::control {

inline constexpr std::uint64_t kSimulationAllowanceMs = 20'000;  // for reading one; other questions wait meanwhile

// untold: whoever asks holds less than half of what is in force, so how the two differ is not told, and no guard that
// knows nothing of the list in force saw anything.
enum class SimulatedOutcome : std::uint8_t { taken, unchanged, held, refused, untold };
std::string_view name_of(SimulatedOutcome outcome) noexcept;

struct Simulated {
  SimulatedOutcome outcome = SimulatedOutcome::refused;
  std::optional<Error> refusal;  // refused: why
  std::uint64_t entries = 0;
  std::uint64_t in_force = 0;  // entries; 0: none, or refused
  bool compared = false;       // change is told
  lists::ChangeCount change;
  lists::Findings findings;  // of growth and shrink no entry is named
  std::uint64_t people_needed = 0;
};

// An update must share half of the entries in force with them before anything is told that depends on those: whoever
// does not hold the list cannot search it by many names at once.
//   in   what the updater foresees;  is_signed: the source signs its lists
Simulated told_of(lists::Updater::Outlook outlook, std::uint64_t entries, bool is_signed);

// thread: one.  All references must outlive it.
class Simulator {
 public:
  // Reads what stands in the memory by the reading child.
  using Read = std::function<Result<lists::GuardedList>(const lists::PollRequest& request, int memory)>;

  Simulator(const config::ControlOptions& options, const lists::Updater& updater, const Clock& clock,
            evidence::AuditLog& audit, Read read)
      : options_(options),
        updater_(updater),
        limit_(options.explain_per_minute, clock),
        audit_(audit),
        read_(std::move(read)) {}

  //   memory  sealed against every change, so that nobody can make us wait for it
  //   errors  refused (rate) · invalid_argument (the memory) · not_found (no such source) ·
  //           timeout · unavailable (of the reading child: that tells nothing of the update) ·
  //           io (no record could be made: then no answer either)
  Result<Simulated> simulate(const std::string& source, const Fd& memory);

 private:
  Result<Simulated> judge(const config::SourceOptions& source, const Fd& memory) const;

  const config::ControlOptions& options_;
  const lists::Updater& updater_;
  RateLimit limit_;
  evidence::AuditLog& audit_;
  Read read_;
};

}  // namespace parapet::control
