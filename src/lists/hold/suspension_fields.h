// SPDX-License-Identifier: Apache-2.0
// Suspensions as the bytes of their file.
#pragma once

#include <vector>

#include "lists/hold/suspensions.h"

namespace parapet::lists {

struct KeptSuspensions {
  std::uint64_t next_number;
  std::vector<Suspension> suspensions;
};

std::vector<std::uint8_t> format_suspensions(const KeptSuspensions& kept);
//   errors  malformed
Result<KeptSuspensions> parse_suspensions(ByteView bytes);

}  // namespace parapet::lists
