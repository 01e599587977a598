// SPDX-License-Identifier: Apache-2.0
// From counters to what an operator must know: is the edge running, and what is wrong.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "counters/reader.h"

namespace parapet::cli {

struct Warning {
  std::string code;
  std::string text;  // with what to do
};

// What the counters are read against.
struct Surroundings {
  Nanoseconds monotonic_ns;
  Nanoseconds realtime_ns;
  std::string boot_id;  // 32 hexadecimal digits of this boot; empty: not known
};
Surroundings look_around();

inline constexpr Nanoseconds kSilence = 2 * kNanosecondsPerSecond;  // without a heartbeat for so long: dead

std::string boot_id_of(const counters::Header& header);

// Whether the edge that wrote the counters runs now.
bool edge_runs(const counters::Header& header, const Surroundings& now);

// Time since a heartbeat; 0 where it is ahead of us.
Nanoseconds age_of(Nanoseconds heartbeat_monotonic_ns, const Surroundings& now) noexcept;

std::string_view name_of(counters::SnapshotRefusal refusal) noexcept;

//   control  what parapetd answered to "status", where it did
std::vector<Warning> find_warnings(const counters::Reading& reading, const std::optional<nlohmann::json>& control,
                                   const Surroundings& now);

// Those of the answer alone that keep lists from being enforced although nothing failed; find_warnings has them, too.
std::vector<Warning> find_scope_warnings(const nlohmann::json& control);

std::uint64_t requests_of(const counters::WorkerBlock& total) noexcept;

// What was readable and not read. Some reasons count frames, whatever they held; the others count requests and streams.
struct Uninspected {
  std::uint64_t requests;
  std::uint64_t of_requests;  // these and the ones that were judged
  std::uint64_t frames;
  std::uint64_t of_frames;  // all that came in, through the edge or past it
};
Uninspected uninspected_of(const counters::WorkerBlock& total) noexcept;

}  // namespace parapet::cli
