// SPDX-License-Identifier: Apache-2.0
// The edge's counter file as metrics.
#pragma once

#include <span>
#include <string>

#include "base/clock.h"
#include "counters/reader.h"
#include "metrics/families.h"

namespace parapet::metrics {

inline constexpr Nanoseconds kHeartbeatLimitNs = 2 * kNanosecondsPerSecond;

// Time since the edge's control thread last beat.
Nanoseconds heartbeat_age_ns(const counters::Header& header, Nanoseconds monotonic_now_ns) noexcept;

//   list_names  configured names; a list of the edge that is none of them becomes "unknown"
void add_edge_metrics(Scrape& scrape, const counters::Reading& edge, std::span<const std::string> list_names,
                      Nanoseconds monotonic_now_ns);

}  // namespace parapet::metrics
