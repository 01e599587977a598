// SPDX-License-Identifier: Apache-2.0
// Old lists do not come back.
#include "lists/verify/order.h"

namespace parapet::lists {

Status check_order(const SignedOrder& held, const SignedOrder& offered, bool same_entries) {
  if (!held.is_signed()) return {};
  if (!offered.is_signed()) return fail(ErrorCode::refused, "the list in force is signed, and this one is not");
  if (held.sequence != 0 && offered.sequence == 0) {
    return fail(ErrorCode::refused, "the list in force has a sequence number, and this one has none");
  }
  const std::uint64_t before = held.sequence != 0 ? held.sequence : held.realtime_ns;
  const std::uint64_t now = held.sequence != 0 ? offered.sequence : offered.realtime_ns;
  if (now < before)
    return fail(ErrorCode::refused, "it was signed before the list in force: an old list does not come back");
  if (now == before && !same_entries) {
    return fail(ErrorCode::refused, "another list bears the number of the list in force");
  }
  return {};
}

}  // namespace parapet::lists
