// SPDX-License-Identifier: Apache-2.0
// A kernel network interface under a port: MTU, flags, link, and whether the kernel merges frames on it.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace parapet::edge {

struct InterfaceDrops {
  std::uint64_t tx = 0;  // errors and drops on sending, since the interface was made
};

// Refuses an interface whose frames would not be the ones on the wire: LRO or GRO on.
//   errors  not_found · refused (context says the ethtool command)
Status check_offloads(const std::string& interface);

// Brings it up, promiscuous, with an MTU that lets frames of max_frame bytes through.
//   errors  not_found · permission · io
Status prepare_interface(const std::string& interface, std::uint16_t max_frame);

Result<std::uint32_t> index_of_interface(const std::string& interface);
bool interface_has_link(const std::string& interface) noexcept;
void set_interface_up(const std::string& interface, bool up) noexcept;
// Receive queues the driver has; 1 where it does not say.
std::uint16_t receive_queues_of(const std::string& interface) noexcept;
InterfaceDrops drops_of(const std::string& interface) noexcept;

}  // namespace parapet::edge
