// SPDX-License-Identifier: Apache-2.0
// Explaining.
#include "control/explain.h"

#include <algorithm>
#include <array>

#include "base/log.h"
#include "base/secret.h"
#include "lists/compile/entry_id.h"

namespace parapet::control {
namespace {

std::string join_ids(const std::vector<Explained>& explained) {
  std::vector<EntryId> ids;
  for (const auto& match : explained) ids.push_back(match.hit.id);
  return lists::format_entry_ids(ids);
}

std::uint32_t earlier_end(std::uint32_t a, std::uint32_t b) {
  return a == 0 || b == 0 ? std::max(a, b) : std::min(a, b);
}

void wipe_entry(canon::Entry& entry) {
  for (std::string* text : {&entry.host, &entry.path, &entry.query}) wipe(text->data(), text->size());
}

// Overwrites what the calls before left below this frame, e.g. the canonical host of the question.
[[gnu::noinline]] void wipe_stack_below() {
  std::array<std::uint8_t, 64 << 10> below;
  wipe(below.data(), below.size());
}

}  // namespace

bool RateLimit::take() {
  const Nanoseconds now = clock_.monotonic_ns();
  allowance_ = std::min(per_minute_, allowance_ + static_cast<double>(now - last_ns_) / 60e9 * per_minute_);
  last_ns_ = now;
  if (allowance_ < 1) return false;
  allowance_ -= 1;
  return true;
}

Status Explainer::take_turn() {
  if (limit_.take()) return {};
  log_event(LogLevel::warn, "explain_refused");
  return fail(ErrorCode::refused, "too many questions; explain_per_minute of control.toml limits them");
}

Result<Explanation> Explainer::explain_by(const LookUp& look_up, std::optional<Nanoseconds> at_realtime_ns) const {
  auto then = read_lists_(at_realtime_ns);
  if (!then) return std::unexpected(then.error());
  Explanation explanation{then->generation, {}};
  for (const auto& input : then->inputs) {
    for (const auto& hit : look_up(*input.list)) {
      const bool lifted = std::ranges::binary_search(input.lifted, hit.id);
      const auto& standing = input.standing;
      const bool for_some = !standing.applies_to.empty() || !standing.exempt.empty();
      explanation.matches.push_back(
          {hit, input.list->name, input.state, lifted, earlier_end(hit.ends_s, standing.ends_s), for_some});
    }
  }
  return explanation;
}

// No record, no answer.
Result<Explanation> Explainer::recorded(Status status, Explanation explanation) {
  if (status) return explanation;
  log_error("audit_failed", status.error());
  return fail(ErrorCode::io, "the audit log takes no record, so there is no answer");
}

Result<Explanation> Explainer::explain(std::string_view url, std::optional<Nanoseconds> at_realtime_ns) {
  if (auto status = take_turn(); !status) return std::unexpected(status.error());
  auto question = lists::parse_question(url);
  if (!question) return std::unexpected(question.error());
  auto explanation = explain_by([&](const lists::DigestedList& list) { return lists::look_up(list, *question, key_); },
                                at_realtime_ns);
  wipe_entry(*question);
  wipe_stack_below();
  if (!explanation) return explanation;
  const auto ids = join_ids(explanation->matches);
  const auto matches = explanation->matches.size();
  log_event(LogLevel::info, "explain", {{"matches", matches}, {"entry_ids", ids}});
  return recorded(audit_.append("explain", {{"matches", matches}, {"entry_ids", ids}}), std::move(*explanation));
}

Result<Explanation> Explainer::explain_appeal(std::string_view code) {
  if (auto status = take_turn(); !status) return std::unexpected(status.error());
  const auto parsed = lists::parse_appeal_code(code);
  if (!parsed) return std::unexpected(parsed.error());
  auto explanation =
      explain_by([&](const lists::DigestedList& list) { return lists::look_up_appeal(list, *parsed); }, {});
  if (!explanation) return explanation;
  const auto ids = join_ids(explanation->matches);
  const auto matches = explanation->matches.size();
  log_event(LogLevel::info, "appeal", {{"matches", matches}, {"entry_ids", ids}});
  return recorded(audit_.append("appeal", {{"matches", matches}, {"entry_ids", ids}}), std::move(*explanation));
}

}  // namespace parapet::control
