// SPDX-License-Identifier: Apache-2.0
// Reading questions.
#include "control/question.h"

#include <algorithm>
#include <array>

namespace parapet::control {
namespace {

// The value of an enum whose name_of gives this word, among the first `count`.
template <typename Enum>
std::optional<Enum> find_word(std::string_view word, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    if (approval::name_of(static_cast<Enum>(i)) == word) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string dump(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
}

Result<Question> Question::parse(std::string_view line) {
  auto json = nlohmann::json::parse(line, nullptr, false);
  if (!json.is_object()) return fail(ErrorCode::malformed, "expected one JSON object a line");
  return Question(std::move(json));
}

void Question::expect(const char* name, std::string_view what) {
  if (!error_) error_ = Error{ErrorCode::malformed, std::string(name) + ": expected " + std::string(what)};
}

std::string* Question::text(const char* name) {
  const auto at = json_.find(name);
  if (at != json_.end() && at->is_string()) return &at->get_ref<std::string&>();
  expect(name, "a string");
  nothing_.clear();
  return &nothing_;
}

std::uint64_t Question::number(const char* name) {
  const auto at = json_.find(name);
  if (at != json_.end() && at->is_number_unsigned()) return at->get<std::uint64_t>();
  expect(name, "a whole number, 0 or more");
  return 0;
}

approval::SignedStatement Question::statement(const char* name) {
  const auto at = json_.find(name);
  if (at == json_.end() || !at->is_object()) {
    expect(name, "an object");
    return {};
  }
  Question inner(*at);
  approval::SignedStatement said;
  const auto act = find_word<approval::Act>(*inner.text("act"), approval::kActs);
  const auto decision = find_word<approval::Decision>(*inner.text("decision"), 2);
  const auto subject = approval::parse_subject(*inner.text("subject"));
  said.statement.about = *inner.text("about");
  said.statement.by = *inner.text("by");
  said.statement.expires_realtime_s = inner.number("expires");
  said.signature = *inner.text("signature");
  if (!act) inner.expect("act", "release, suspend or reveal");
  if (!decision) inner.expect("decision", "approve or refuse");
  if (!subject) inner.expect("subject", "64 hexadecimal digits");
  if (inner.error_) {
    if (!error_) error_ = inner.error_->within(name);
    return {};
  }
  said.statement.act = *act;
  said.statement.decision = *decision;
  said.statement.subject = *subject;
  return said;
}

}  // namespace parapet::control
