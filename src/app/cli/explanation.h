// SPDX-License-Identifier: Apache-2.0
// parapetd's answer to `explain`, for eyes.
#pragma once

#include <nlohmann/json.hpp>
#include <ostream>

namespace parapet::cli {

bool is_answer(const nlohmann::json& answer);  // has a list of matches
bool is_listed(const nlohmann::json& answer);
void print_explanation(const nlohmann::json& answer, std::ostream& out);
void print_legal(const nlohmann::json& answer, std::ostream& out);  // by what right, and whom to ask

}  // namespace parapet::cli
