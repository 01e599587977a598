// SPDX-License-Identifier: Apache-2.0
// What `parapet simulate` tells: what was read here, what parapetd says of it, and the outcome of both.
#pragma once

#include <nlohmann/json.hpp>
#include <ostream>
#include <string>

#include "app/cli/exit_code.h"
#include "app/cli/simulation.h"

namespace parapet::cli {

// docs/operations/simulate.md describes the fields.
//   answer  parapetd's answer; null: it was not asked or did not answer
//   why_not  then the reason, for people
nlohmann::json report_of(const Simulation& simulation, const nlohmann::json& answer, const std::string& why_not);

// taken, unchanged: ok; held, untold: finding; refused: unavailable.
ExitCode exit_of(const nlohmann::json& report);

void print_report(const nlohmann::json& report, std::ostream& out);

}  // namespace parapet::cli
