// SPDX-License-Identifier: Apache-2.0
// How far long series go: whole in a plain build, in part where sanitizers watch each step, which is slow.
#pragma once

#include <cstddef>

namespace parapet::support {

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
inline constexpr bool kIsWatched = true;
#else
inline constexpr bool kIsWatched = false;
#endif
#elif defined(__SANITIZE_ADDRESS__)
inline constexpr bool kIsWatched = true;
#else
inline constexpr bool kIsWatched = false;
#endif

constexpr std::size_t rounds(std::size_t whole) noexcept { return kIsWatched ? whole / 8 : whole; }
// From one place to the next where all are tried in turn; odd, and no divisor of what messages are made of.
inline constexpr std::size_t kStride = kIsWatched ? 7 : 1;

}  // namespace parapet::support
