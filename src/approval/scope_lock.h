// SPDX-License-Identifier: Apache-2.0
// The scope lock: which categories lists may have, signed by two people (Ed25519, RFC 8032).
//
//     parapet scope lock 1
//     sequence: 3
//     category: csam
//     category: terrorism
//     signature: anna 88 characters of base64
//     signature: boris 88 characters of base64
//
// Categories ascend. A signature is over exactly the text before the first of them, each line with its line feed; its
// first line keeps it apart from statements. A lock is written in one way only, so a file that reads is what it says.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "approval/key_file.h"
#include "base/result.h"
#include "config/guard_options.h"

namespace parapet::approval {

inline constexpr std::size_t kMaxScopeLockFile = 16 << 10;  // bytes
inline constexpr std::size_t kMaxScopeCategories = 64;
inline constexpr std::size_t kScopeSigners = 2;  // different people who must sign

struct ScopeSignature {
  std::string by;         // as in [[approver]]
  std::string signature;  // base64
};

struct ScopeLock {
  std::uint64_t sequence = 0;           // a lock replaces only one with a lower number
  std::vector<std::string> categories;  // ascending, 1..32 of a-z 0-9 - each
  std::vector<ScopeSignature> signatures;
};

std::string format_scope_lock(const ScopeLock& lock);
// 64 hexadecimal digits: BLAKE2b-256 of what is signed.
std::string digest_of(const ScopeLock& lock);

//   errors  malformed · limit
Result<ScopeLock> parse_scope_lock(std::string_view text);

// A lock of these categories that nobody signed.
//   errors  invalid_argument: none, too many, or no name
Result<ScopeLock> make_scope_lock(std::uint64_t sequence, std::vector<std::string> categories);

// Adds a person's signature.
//   errors  refused: that name stands there already · limit
Status sign_scope_lock(ScopeLock& lock, const PersonalKey& key);

// Whether two different approvers signed it. Signatures by names that are no approvers do not count.
//   out     those whose signature counts
//   errors  refused: fewer than two · integrity: a signature does not fit its approver's key
Result<std::vector<std::string>> verify_scope_lock(const ScopeLock& lock, std::span<const config::Approver> approvers);

}  // namespace parapet::approval
