// SPDX-License-Identifier: Apache-2.0
// What one person decides, signed with that person's Ed25519 key (RFC 8032).
//
//     parapet statement 1
//     act: release
//     subject: 64 hexadecimal digits
//     about: hotline
//     decision: approve
//     by: anna
//     expires: 1795910400
//
// The signature is over exactly this text, each line with its line feed. The subject is a hash of what is decided on,
// so that a statement holds for one list, one entry or one file alone.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "approval/ed25519.h"
#include "base/ids.h"
#include "base/result.h"
#include "config/guard_options.h"

namespace parapet::approval {

inline constexpr std::uint64_t kMaxValiditySeconds = 7 * 86'400;

using Subject = std::array<std::uint8_t, 32>;

// The numbers stand in files: never reuse one.
enum class Act : std::uint8_t { release = 0, suspend = 1, reveal = 2 };
inline constexpr std::size_t kActs = 3;
enum class Decision : std::uint8_t { approve = 0, refuse = 1 };
std::string_view name_of(Act act) noexcept;
std::string_view name_of(Decision decision) noexcept;

struct Statement {
  Act act = Act::release;
  Subject subject{};
  std::string about;  // a source's name
  Decision decision = Decision::approve;
  std::string by;                        // of an approver in control.toml
  std::uint64_t expires_realtime_s = 0;  // not counted after that
  friend bool operator==(const Statement&, const Statement&) = default;
};

struct SignedStatement {
  Statement statement;
  std::string signature;  // base64
  friend bool operator==(const SignedStatement&, const SignedStatement&) = default;
};

// What a statement about an entry names: its id alone, which is keyed already.
Subject subject_of_entry(EntryId id);
std::string format_subject(const Subject& subject);        // 64 hexadecimal digits
Result<Subject> parse_subject(std::string_view text);      // errors: malformed
std::string format_statement(const Statement& statement);  // the text above

std::string sign(const Statement& statement, const Seed& seed);

// Whether an approver of that name and key signed it, for a time to come of at most kMaxValiditySeconds.
//   errors  refused: no such approver · expired · expires too late · integrity: the signature does not fit
Status verify(const SignedStatement& offered, std::span<const config::Approver> approvers,
              std::uint64_t trusted_now_realtime_s);

}  // namespace parapet::approval
