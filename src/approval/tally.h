// SPDX-License-Identifier: Apache-2.0
// Counts what people said about one subject: so many different people must approve, and one refusal ends it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "approval/statement.h"

namespace parapet::approval {

enum class Outcome : std::uint8_t { open, approved, refused };
std::string_view name_of(Outcome outcome) noexcept;

// thread: callers take turns
class Tally {
 public:
  Tally(Act act, const Subject& subject, std::string about) : act_(act), subject_(subject), about_(std::move(about)) {}

  // Takes a statement that fits the subject and verifies.
  //   errors  those of verify · refused: it is about something else, or this person has approved already
  Status take(const SignedStatement& offered, std::span<const config::Approver> approvers,
              std::uint64_t trusted_now_realtime_s);

  //   needed  different people whose approval counts at this time
  Outcome outcome(std::size_t needed, std::uint64_t trusted_now_realtime_s) const;
  // Those whose approval counts at this time.
  std::vector<std::string> people(std::uint64_t trusted_now_realtime_s) const;

  const Subject& subject() const noexcept { return subject_; }
  const std::vector<SignedStatement>& statements() const noexcept { return statements_; }

 private:
  Act act_;
  Subject subject_;
  std::string about_;
  std::vector<SignedStatement> statements_;  // at most one of each person
};

}  // namespace parapet::approval
