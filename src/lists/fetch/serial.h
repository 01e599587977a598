// SPDX-License-Identifier: Apache-2.0
// Serial numbers of zones, which run in a circle.  RFC 1982 §3.2
#pragma once

#include <cstdint>

namespace parapet::lists {

enum class SerialOrder : std::uint8_t {
  same,
  newer,
  older,
  undefined,  // half the circle apart
};

constexpr SerialOrder order_of_serials(std::uint32_t held, std::uint32_t offered) noexcept {
  constexpr std::uint32_t kHalf = std::uint32_t{1} << 31;
  const std::uint32_t ahead = offered - held;
  if (ahead == 0) return SerialOrder::same;
  if (ahead == kHalf) return SerialOrder::undefined;
  return ahead < kHalf ? SerialOrder::newer : SerialOrder::older;
}

}  // namespace parapet::lists
