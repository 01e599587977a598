// SPDX-License-Identifier: Apache-2.0
// How often this test program asked for memory.
#pragma once

#include <cstdint>

namespace parapet::support {

// Calls of operator new so far.
std::uint64_t allocations() noexcept;
// Times that libcrypto asked for memory, also to give it back at once.
std::uint64_t libcrypto_allocations() noexcept;

}  // namespace parapet::support
