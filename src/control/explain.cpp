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
  std::string ids;
  for (const auto& match : explained) {
    if (!ids.empty()) ids += ' ';
    ids += lists::format_entry_id(match.hit.id);
  }
  return ids;
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

Result<std::vector<Explained>> Explainer::explain(std::string_view url) {
  if (!limit_.take()) {
    log_event(LogLevel::warn, "explain_refused");
    return fail(ErrorCode::refused, "too many questions; explain_per_minute of control.toml limits them");
  }
  auto question = lists::parse_question(url);
  if (!question) return std::unexpected(question.error());
  std::vector<Explained> explained;
  for (const auto& input : read_lists_()) {
    for (const auto& hit : lists::look_up(*input.list, *question, key_)) {
      const auto& standing = input.standing;
      const bool for_some = !standing.applies_to.empty() || !standing.exempt.empty();
      explained.push_back({hit, input.list->name, input.state, earlier_end(hit.ends_s, standing.ends_s), for_some});
    }
  }
  wipe_entry(*question);
  wipe_stack_below();
  const std::string ids = join_ids(explained);
  if (auto status = audit_.append("explain", {{"matches", explained.size()}, {"entry_ids", ids}}); !status) {
    log_error("audit_failed", status.error());
    return fail(ErrorCode::io, "the audit log takes no record, so there is no answer");
  }
  log_event(LogLevel::info, "explain", {{"matches", explained.size()}, {"entry_ids", ids}});
  return explained;
}

}  // namespace parapet::control
