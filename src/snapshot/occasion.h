// SPDX-License-Identifier: Apache-2.0
// When a request is made and by whom, as far as lists ask for it. Made from the packet in hand, never kept.
#pragma once

#include <array>
#include <cstdint>

#include "base/clock.h"
#include "base/ids.h"

namespace parapet::snapshot {

struct Occasion {
  Nanoseconds trusted_realtime_ns;  // trusted_time.h
  Realm realm;
  const std::array<std::uint8_t, 16>* subscriber;  // IPv4 mapped
  bool is_ipv4;
};

}  // namespace parapet::snapshot
