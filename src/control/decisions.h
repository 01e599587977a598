// SPDX-License-Identifier: Apache-2.0
// What people decide over the control socket: release, go back, switch, suspend.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "control/question.h"
#include "control/reveal.h"
#include "lists/update/updater.h"

namespace parapet::control {

// The answer, or nothing where the question is of another kind.
std::optional<std::string> answer_decision(std::string_view ask, Question& question, lists::Updater& updater);

// The answer holds a listed name where two people asked for it.
std::string answer_reveal(Question& question, Revealer& revealer);

}  // namespace parapet::control
