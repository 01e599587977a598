// SPDX-License-Identifier: Apache-2.0
// How each source is, for status, metrics and alarms.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "approval/statement.h"
#include "config/control_options.h"
#include "lists/compile/ledger.h"
#include "lists/guard/findings.h"
#include "lists/hold/scope.h"
#include "lists/hold/suspensions.h"
#include "lists/update/publishing.h"
#include "lists/update/shadow_hits.h"

namespace parapet::lists {

// A version that waits for people.
struct HeldStatus {
  approval::Subject subject{};
  std::uint64_t since_realtime_ns = 0;
  std::uint64_t entries = 0;
  Findings findings;
  bool withdrawal = false;
  std::uint64_t people_needed = 0;
  std::vector<std::string> approved_by;
  std::uint64_t waited_s = 0;  // withdrawal: of wait_s
  std::uint64_t wait_s = 0;
};

struct SourceStatus {
  std::string name;
  config::SourceState state = config::SourceState::off;  // in force: by control.toml and the switch
  config::SourceState configured_state = config::SourceState::off;
  bool in_scope = false;  // the accepted scope lock has its category; else it is in shadow at most
  bool loaded = false;    // a last good version is held
  std::uint64_t sequence = 0;
  std::uint64_t entries = 0;
  std::uint64_t lifted = 0;  // entries that are not enforced: suspended, or what people allowed has ended
  Ledger ledger;
  std::optional<HeldStatus> held;
  bool is_told_of_suspensions = false;  // it has [source.report]
  std::uint64_t reports_waiting = 0;
  std::optional<ShadowCount> shadow;  // in shadow, and the edge uses it
  bool etag_known = false;
  bool is_stale = false;                       // nobody confirmed it for longer than max_stale_s
  std::uint64_t fetched_realtime_ns = 0;       // of the version in force
  std::uint64_t last_success_realtime_ns = 0;  // of the last poll that went well; 0: none since the start
  std::uint64_t last_failure_realtime_ns = 0;
  std::uint64_t failures_in_a_row = 0;
  std::uint64_t polls = 0;
  std::uint64_t failures = 0;
  std::string error_code;  // of the last failure; empty since a success
  std::string error_context;
};

struct SuspensionStatus {
  Suspension suspension;
  std::uint64_t entries = 0;  // that it lifts now, of all lists
  approval::Subject subject{};
};

struct ScopeStatus {
  ScopeState state = ScopeState::none;
  AcceptedScope accepted;
  std::string error_code;  // of the lock file; empty: none
  std::string error_context;
};

struct UpdateStatus {
  std::vector<SourceStatus> sources;
  PublishedState published;
  std::vector<SuspensionStatus> suspensions;
  std::vector<KeptGeneration> generations;
  bool clock_suspect = false;
  ScopeStatus scope = {};
};

}  // namespace parapet::lists
