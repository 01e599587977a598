// SPDX-License-Identifier: Apache-2.0
// A date and time of TOML as seconds.
#pragma once

#include <toml++/toml.h>
#include <chrono>
#include <cstdint>

namespace parapet::config {

// Since 1970; 0: a local time, which has no offset, so nobody knows when it is.
inline std::int64_t seconds_since_1970(const toml::date_time& at) {
  if (!at.offset) return 0;
  const std::chrono::sys_days days = std::chrono::year(at.date.year) / at.date.month / at.date.day;
  const std::int64_t minutes = at.time.hour * 60 + at.time.minute - at.offset->minutes;
  return std::int64_t{days.time_since_epoch().count()} * 86'400 + minutes * 60 + at.time.second;
}

}  // namespace parapet::config
