// SPDX-License-Identifier: Apache-2.0
// A scope lock: what reads is written in one way alone, and nobody's bytes are signed by two people.
#include "approval/scope_lock.h"
#include "people.h"
#include "require.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace parapet;
  static const auto approvers = support::approvers();
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto lock = approval::parse_scope_lock(text);
  if (!lock) {
    fuzz::require(lock.error().context.size() < 200);
    return 0;
  }
  fuzz::require(approval::format_scope_lock(*lock) == text && approval::digest_of(*lock).size() == 64);
  fuzz::require(!lock->categories.empty() && std::ranges::is_sorted(lock->categories));
  const auto people = approval::verify_scope_lock(*lock, approvers);
  fuzz::require(!people || text == support::scope_lock(lock->sequence, lock->categories, *people) ||
                lock->signatures.size() > people->size());
  return 0;
}
