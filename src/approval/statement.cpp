// SPDX-License-Identifier: Apache-2.0
// Statements as text, signed and verified.
#include "approval/statement.h"

#include <sodium.h>
#include <algorithm>

#include "base/bytes.h"

namespace parapet::approval {
namespace {

constexpr std::array<std::string_view, kActs> kActNames{"release", "suspend", "reveal"};
constexpr std::array<std::string_view, 2> kDecisions{"approve", "refuse"};

}  // namespace

std::string_view name_of(Act act) noexcept { return kActNames[static_cast<std::size_t>(act)]; }
std::string_view name_of(Decision decision) noexcept { return kDecisions[static_cast<std::size_t>(decision)]; }

Subject subject_of_entry(EntryId id) {
  Subject subject{};
  store_be64(subject.data(), id.value);
  return subject;
}

std::string format_subject(const Subject& subject) {
  std::string text(2 * subject.size() + 1, '\0');
  ::sodium_bin2hex(text.data(), text.size(), subject.data(), subject.size());
  text.pop_back();
  return text;
}

Result<Subject> parse_subject(std::string_view text) {
  Subject subject{};
  std::size_t got = 0;
  const bool fits =
      text.size() == 2 * subject.size() &&
      ::sodium_hex2bin(subject.data(), subject.size(), text.data(), text.size(), nullptr, &got, nullptr) == 0 &&
      got == subject.size();
  if (!fits) return fail(ErrorCode::malformed, "subject: expected 64 hexadecimal digits");
  return subject;
}

std::string format_statement(const Statement& statement) {
  return "parapet statement 1\nact: " + std::string(name_of(statement.act)) +
         "\nsubject: " + format_subject(statement.subject) + "\nabout: " + statement.about +
         "\ndecision: " + std::string(name_of(statement.decision)) + "\nby: " + statement.by +
         "\nexpires: " + std::to_string(statement.expires_realtime_s) + "\n";
}

std::string sign(const Statement& statement, const Seed& seed) { return sign_text(format_statement(statement), seed); }

Status verify(const SignedStatement& offered, std::span<const config::Approver> approvers,
              std::uint64_t trusted_now_realtime_s) {
  const auto& statement = offered.statement;
  const auto approver = std::ranges::find(approvers, statement.by, &config::Approver::name);
  if (approver == approvers.end()) {
    return fail(ErrorCode::refused, "control.toml has no [[approver]] of that name");
  }
  if (!is_signed_by(format_statement(statement), offered.signature, approver->ed25519)) {
    return fail(ErrorCode::integrity, "the signature is not of the approver's key over this statement");
  }
  if (statement.expires_realtime_s <= trusted_now_realtime_s) return fail(ErrorCode::refused, "it has expired");
  if (statement.expires_realtime_s - trusted_now_realtime_s > kMaxValiditySeconds) {
    return fail(ErrorCode::refused, "it expires more than 7 days from now");
  }
  return {};
}

}  // namespace parapet::approval
