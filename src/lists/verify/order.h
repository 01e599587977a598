// SPDX-License-Identifier: Apache-2.0
// Whether a signed list may follow the one that is held: nobody can bring back an old one, however well it was signed.
#pragma once

#include <cstdint>

#include "base/result.h"

namespace parapet::lists {

// The order a signer gave a list. All zero: it was not signed.
struct SignedOrder {
  std::uint64_t realtime_ns = 0;
  std::uint64_t sequence = 0;  // the signer's, plus 1; 0: it gives none
  bool is_signed() const noexcept { return realtime_ns != 0; }
  friend bool operator==(const SignedOrder&, const SignedOrder&) = default;
};

// By sequence where the held one has one, else by time. The same number may come again with the same entries only.
//   same_entries  the offered list says what the held one says
//   errors  refused: older · the same number for another list · no signature or no sequence any more
Status check_order(const SignedOrder& held, const SignedOrder& offered, bool same_entries);

}  // namespace parapet::lists
