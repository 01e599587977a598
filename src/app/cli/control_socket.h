// SPDX-License-Identifier: Apache-2.0
// One question to parapetd and its answer: a JSON object a line each, over its Unix socket.
#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>

#include "base/result.h"

namespace parapet::cli {

inline constexpr const char* kControlSocket = "/run/parapet/control.sock";

inline constexpr std::chrono::seconds kQuestionPatience{5};
// What people decide is published before parapetd answers, which takes seconds where lists have millions of entries.
inline constexpr std::chrono::seconds kDecisionPatience{120};

//   file    passed to parapetd with the question; -1: none
//   errors  unavailable (nobody listens) · permission · timeout · malformed (no JSON object) · limit (over 16 MiB) ·
//           invalid_argument · refused (parapetd's own error: code and context)
Result<nlohmann::json> ask_control(const std::string& socket_path, const nlohmann::json& question,
                                   std::chrono::seconds patience = kQuestionPatience, int file = -1);

}  // namespace parapet::cli
