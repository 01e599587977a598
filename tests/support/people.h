// SPDX-License-Identifier: Apache-2.0
// People who decide, each with a key made from a name.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

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

}  // namespace parapet::support
