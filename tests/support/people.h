// SPDX-License-Identifier: Apache-2.0
// People who decide, each with a key made from a name.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "approval/scope_lock.h"
#include "approval/statement.h"

namespace parapet::support {

inline approval::Seed seed_of(std::string_view name) {
  approval::Seed seed{};
  std::ranges::copy(name.substr(0, seed.size()), seed.begin());
  return seed;
}

inline config::Approver approver(std::string name) {
  auto key = approval::public_key_of(seed_of(name));
  return {std::move(name), std::move(key)};
}

inline std::vector<config::Approver> approvers() { return {approver("anna"), approver("boris"), approver("carla")}; }

inline approval::SignedStatement signed_by(std::string name, approval::Statement statement) {
  statement.by = name;
  auto signature = approval::sign(statement, seed_of(name));
  return {std::move(statement), std::move(signature)};
}

// The file of a scope lock that these people signed.
inline std::string scope_lock(std::uint64_t sequence, std::vector<std::string> categories,
                              const std::vector<std::string>& signers = {"anna", "boris"}) {
  auto lock = approval::make_scope_lock(sequence, std::move(categories));
  for (const auto& name : signers) {
    if (!approval::sign_scope_lock(*lock, {name, seed_of(name)})) return {};
  }
  return approval::format_scope_lock(*lock);
}

}  // namespace parapet::support
