// SPDX-License-Identifier: Apache-2.0
// Questions that change something.
#include "control/decisions.h"

#include <algorithm>
#include <array>

#include "base/secret.h"
#include "control/answers.h"
#include "lists/compile/entry_id.h"

namespace parapet::control {
namespace {

using Json = nlohmann::ordered_json;

// A reason that may stand in the audit log.
Result<std::string> reason_of(Question& question) {
  const std::string reason = *question.text("reason");
  if (question.error()) return std::unexpected(*question.error());
  if (!lists::is_reason(reason)) {
    return fail(ErrorCode::invalid_argument,
                "reason: expected letters, digits, blanks, '-' and '#', at most 200, so that no name can stand in it");
  }
  return reason;
}

std::string answer_decide(Question& question, lists::Updater& updater) {
  const auto said = question.statement("statement");
  if (question.error()) return format_error(*question.error());
  const auto outcome = updater.decide(said);
  if (!outcome) return format_error(outcome.error());
  return dump({{"decide", {{"source", said.statement.about}, {"outcome", approval::name_of(*outcome)}}}});
}

std::string answer_rollback(Question& question, lists::Updater& updater) {
  const auto generation = question.number("generation");
  const auto reason = reason_of(question);
  if (!reason) return format_error(reason.error());
  const auto now = updater.go_back_to(generation, *reason);
  if (!now) return format_error(now.error());
  return dump({{"rollback", {{"to", generation}, {"generation", *now}}}});
}

std::string answer_switch(Question& question, lists::Updater& updater) {
  using enum config::SourceState;
  const std::string source = *question.text("source");
  const std::string word = *question.text("state");
  const auto reason = reason_of(question);
  if (!reason) return format_error(reason.error());
  constexpr std::array kStates{off, shadow, enforce};
  const auto state = std::ranges::find(kStates, word, [](auto each) { return config::name_of(each); });
  if (state == kStates.end()) return format_error({ErrorCode::malformed, "state: expected off, shadow or enforce"});
  if (auto status = updater.turn(source, *state, *reason); !status) return format_error(status.error());
  return dump({{"switch", {{"source", source}, {"state", word}}}});
}

std::string format_suspension(const lists::SuspensionStatus& status) {
  return dump({{"suspend",
                {{"number", status.suspension.number},
                 {"entries", status.entries},
                 {"until", status.suspension.until_realtime_s},
                 {"confirmed_by", status.suspension.confirmed_by}}}});
}

std::string answer_suspension_subject(Question& question, const lists::Updater& updater) {
  auto* target = question.text("target");
  if (question.error()) return format_error(*question.error());
  const auto subject = updater.suspension_subject(*target);
  wipe(target->data(), target->size());
  if (!subject) return format_error(subject.error());
  return dump({{"suspension_subject", {{"subject", approval::format_subject(*subject)}}}});
}

std::string answer_suspend(Question& question, lists::Updater& updater) {
  const auto said = question.statement("statement");
  Result<lists::SuspensionStatus> answered = fail(ErrorCode::malformed, "");
  if (question.has("number")) {
    const auto number = question.number("number");
    if (question.error()) return format_error(*question.error());
    answered = updater.answer_suspension(number, said);
  } else {
    auto* target = question.text("target");
    const auto reason = reason_of(question);
    if (!reason) return format_error(reason.error());
    answered = updater.suspend(*target, *reason, said);
    wipe(target->data(), target->size());
  }
  return answered ? format_suspension(*answered) : format_error(answered.error());
}

}  // namespace

std::string answer_reveal(Question& question, Revealer& revealer) {
  const std::string source = *question.text("source");
  const std::string entry = *question.text("entry");
  const auto said = question.statement("statement");
  if (question.error()) return format_error(*question.error());
  const auto id = lists::parse_entry_id(entry);
  if (!id) return format_error(id.error());
  auto revealed = revealer.reveal(source, *id, said);
  if (!revealed) return format_error(revealed.error());
  auto answer = dump({{"reveal",
                       {{"people", revealed->people},
                        {"text", revealed->text},
                        {"version", revealed->version},
                        {"line", revealed->line}}}});
  wipe(revealed->text.data(), revealed->text.size());
  return answer;
}

std::optional<std::string> answer_decision(std::string_view ask, Question& question, lists::Updater& updater) {
  if (ask == "decide") return answer_decide(question, updater);
  if (ask == "rollback") return answer_rollback(question, updater);
  if (ask == "switch") return answer_switch(question, updater);
  if (ask == "suspension_subject") return answer_suspension_subject(question, updater);
  if (ask == "suspend") return answer_suspend(question, updater);
  return std::nullopt;
}

}  // namespace parapet::control
