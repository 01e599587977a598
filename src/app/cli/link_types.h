// SPDX-License-Identifier: Apache-2.0
// Which link types of captures are read.
#pragma once

#include <cstdint>
#include <optional>

#include "packet/decode/decode.h"

namespace parapet::cli {

// The LINKTYPE_* registry's numbers; 12 and 14 are what some systems wrote for raw IP.
constexpr std::optional<packet::LinkType> link_type_of(std::uint16_t number) noexcept {
  switch (number) {
    case 0:
    case 108: return packet::LinkType::null_loop;
    case 1: return packet::LinkType::ethernet;
    case 9:
    case 50:
    case 104: return packet::LinkType::ppp;
    case 51: return packet::LinkType::pppoe;
    case 12:
    case 14:
    case 101:
    case 228:
    case 229: return packet::LinkType::raw_ip;
    case 113: return packet::LinkType::linux_sll;
    case 276: return packet::LinkType::linux_sll2;
    default: return std::nullopt;
  }
}

}  // namespace parapet::cli
