// SPDX-License-Identifier: Apache-2.0
// A control.toml of one source, and what is wrong with it.
#pragma once

#include <string>
#include <string_view>

#include "config/control_options.h"

namespace parapet::support {

inline constexpr std::string_view kControl =
    "[control]\n"
    "state_directory = \"/s\"\n"
    "snapshot_file = \"/s/snapshot\"\n"
    "digest_key_file = \"/s/key\"\n"
    "counters_file = \"/r/counters\"\n"
    "socket = \"/r/socket\"\n";

inline std::string with_source(std::string_view keys) {
  return std::string(kControl) + "[[source]]\nname = \"a\"\nurl = \"https://a.example.test/l\"\n" + std::string(keys);
}

inline std::string error_of(const std::string& text) {
  const auto options = config::parse_control_options(text, "control.toml");
  return options ? "" : options.error().context;
}

}  // namespace parapet::support
