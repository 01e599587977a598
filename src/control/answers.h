// SPDX-License-Identifier: Apache-2.0
// The messages of the control socket. docs/formats/control_socket.md describes them field by field.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "control/explain.h"
#include "control/reveal.h"
#include "control/simulator.h"
#include "counters/reader.h"
#include "digest/key.h"
#include "lists/update/updater.h"

namespace parapet::control {

// The whole state of a moment.
struct ControlStatus {
  lists::UpdateStatus update;
  Result<counters::Reading> edge;
  digest::KeyId key_id;
  Nanoseconds realtime_now_ns;
  Nanoseconds monotonic_now_ns;
};

std::string format_status(const ControlStatus& status);
// The legal basis of each list in it is told, too.
std::string format_explanation(const Explanation& explanation, const config::ControlOptions& options);
std::string format_simulation(const Simulated& simulated);
std::string format_error(const Error& error);

struct AnswerNeeds {
  std::function<ControlStatus()> read_status;
  Explainer& explainer;
  const config::ControlOptions& options;
  lists::Updater* updater = nullptr;  // null: nothing can be decided
  Revealer* revealer = nullptr;       // null: nothing can be revealed
  Simulator* simulator = nullptr;     // null: nothing can be simulated
};

// Reads one question and answers it; what cannot be read gets an error with code malformed or unsupported.
//   passed  the file that came with it
std::string answer_question(std::string_view line, const AnswerNeeds& needs, const Fd& passed = {});

}  // namespace parapet::control
