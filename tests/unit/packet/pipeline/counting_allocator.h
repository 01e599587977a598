// SPDX-License-Identifier: Apache-2.0
// How often this test program asked for memory.
#pragma once

#include <cstdint>

namespace parapet::support {

// Calls of operator new so far.
std::uint64_t allocations() noexcept;

}  // namespace parapet::support
