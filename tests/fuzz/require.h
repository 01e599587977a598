// SPDX-License-Identifier: Apache-2.0
// What a fuzz target demands of the code it runs: where it does not hold, libFuzzer keeps the input.
#pragma once

#include <cstdlib>

namespace parapet::fuzz {

inline void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace parapet::fuzz
