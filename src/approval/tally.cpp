// SPDX-License-Identifier: Apache-2.0
// Counting people.
#include "approval/tally.h"

#include <algorithm>

namespace parapet::approval {

std::string_view name_of(Outcome outcome) noexcept {
  constexpr std::array<std::string_view, 3> kNames{"open", "approved", "refused"};
  return kNames[static_cast<std::size_t>(outcome)];
}

Status Tally::take(const SignedStatement& offered, std::span<const config::Approver> approvers,
                   std::uint64_t trusted_now_realtime_s) {
  const auto& statement = offered.statement;
  if (statement.act != act_ || statement.subject != subject_ || statement.about != about_) {
    return fail(ErrorCode::refused, "it is about something else than what waits here");
  }
  if (auto status = verify(offered, approvers, trusted_now_realtime_s); !status) return status;
  const auto same_person = [&](const SignedStatement& known) { return known.statement.by == statement.by; };
  const auto known = std::ranges::find_if(statements_, same_person);
  if (known == statements_.end()) {
    statements_.push_back(offered);
    return {};
  }
  const bool still_counts = known->statement.expires_realtime_s > trusted_now_realtime_s;
  if (still_counts && statement.decision == Decision::approve) {
    return fail(ErrorCode::refused, "the same person has approved already: another person must");
  }
  *known = offered;
  return {};
}

Outcome Tally::outcome(std::size_t needed, std::uint64_t trusted_now_realtime_s) const {
  const auto refuses = [](const SignedStatement& known) { return known.statement.decision == Decision::refuse; };
  if (std::ranges::any_of(statements_, refuses)) return Outcome::refused;
  return people(trusted_now_realtime_s).size() >= needed ? Outcome::approved : Outcome::open;
}

std::vector<std::string> Tally::people(std::uint64_t trusted_now_realtime_s) const {
  std::vector<std::string> people;
  for (const auto& known : statements_) {
    const auto& statement = known.statement;
    if (statement.decision != Decision::approve || statement.expires_realtime_s <= trusted_now_realtime_s) continue;
    people.push_back(statement.by);
  }
  return people;
}

}  // namespace parapet::approval
