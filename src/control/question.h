// SPDX-License-Identifier: Apache-2.0
// One question of the control socket: typed fields of a JSON object, with the first thing that is wrong remembered.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "approval/statement.h"
#include "base/result.h"

namespace parapet::control {

// An answer: one line, whatever stands in it.
std::string dump(const nlohmann::ordered_json& json);

class Question {
 public:
  //   errors  malformed
  static Result<Question> parse(std::string_view line);

  bool has(const char* name) const { return json_.contains(name); }
  // Never null; where the field is none, error() tells so and it is empty.
  std::string* text(const char* name);
  std::uint64_t number(const char* name);
  // {"act","subject","about","decision","by","expires","signature"}
  approval::SignedStatement statement(const char* name);

  const std::optional<Error>& error() const noexcept { return error_; }  // malformed

 private:
  explicit Question(nlohmann::json json) : json_(std::move(json)) {}
  void expect(const char* name, std::string_view what);

  nlohmann::json json_;
  std::optional<Error> error_;
  std::string nothing_;
};

}  // namespace parapet::control
