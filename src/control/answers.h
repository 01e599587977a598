// SPDX-License-Identifier: Apache-2.0
// The messages of the control socket. docs/formats/control_socket.md describes them field by field.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "control/explain.h"
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
std::string format_explained(const std::vector<Explained>& explained, Generation published_generation);
std::string format_error(const Error& error);

struct AnswerNeeds {
  std::function<ControlStatus()> read_status;
  Explainer& explainer;
};

// Reads one question and answers it; what cannot be read gets an error with code malformed or unsupported.
std::string answer_question(std::string_view line, const AnswerNeeds& needs);

}  // namespace parapet::control
