// SPDX-License-Identifier: Apache-2.0
// What `parapet status` tells: for eyes and for programs.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "app/cli/health.h"

namespace parapet::cli {

struct StatusReport {
  std::optional<counters::Reading> edge;  // none: no counters could be read
  std::string edge_error;                 // why
  bool edge_runs = false;
  std::optional<nlohmann::json> control;  // what parapetd answered
  std::string control_error;
  Surroundings now;
  std::vector<Warning> warnings;
};

nlohmann::ordered_json format_json(const StatusReport& report);
void print_text(const StatusReport& report, std::ostream& out);

// "dpdk", "hybrid" (ports are af_xdp) or "mixed".
std::string_view deployment_of(const counters::Header& header) noexcept;
std::string_view state_of(const StatusReport& report) noexcept;
std::string pair_name_of(const counters::PortBlock& port);

}  // namespace parapet::cli
