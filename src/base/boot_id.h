// SPDX-License-Identifier: Apache-2.0
// Which boot of the machine this is.
#pragma once

#include <array>
#include <cstdint>

namespace parapet {

using BootId = std::array<std::uint8_t, 16>;

// The kernel's /proc/sys/kernel/random/boot_id; zeros where it cannot be read.
BootId read_boot_id() noexcept;

}  // namespace parapet
