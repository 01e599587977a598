// SPDX-License-Identifier: Apache-2.0
// From a match to a verdict, its counting, and the choice of what is sent.
#pragma once

#include "base/clock.h"
#include "counters/layout.h"
#include "counters/names.h"
#include "packet/match/match.h"
#include "snapshot/snapshot.h"

namespace parapet::packet {

// block where a list that enforces holds the request, else shadow where one in shadow does, else pass. What the lists'
// states are by this time.
Verdict decide_verdict(const snapshot::Snapshot& snapshot, const Match& match,
                       Nanoseconds trusted_realtime_ns) noexcept;

// Counts one request: by protocol and verdict, each list that holds it (not those that are off), and a name that could
// not be compared.
void count_request(counters::WorkerBlock& block, const snapshot::Snapshot& snapshot, Protocol protocol, Verdict verdict,
                   const Match& match) noexcept;

// What is known about a TCP stream whose listed request was stopped.
struct StopContext {
  bool resets_wanted;        // the operator's action is reset
  bool handshake_seen;       // the client acknowledged the server's ISN + 1
  bool earlier_answer_open;  // an earlier request of the stream may not have been answered yet
};
enum class StopResponse : std::uint8_t {
  drop,      // the operator wants no more
  reset,     // one to each end
  withheld,  // a reset was wanted but would be unproven, or would cut off an answer that is due
};
StopResponse decide_stop(const StopContext& context) noexcept;

}  // namespace parapet::packet
