// SPDX-License-Identifier: Apache-2.0
// Finishing what a network card would have finished: captures taken at a sending host lack checksums.
#pragma once

#include "base/bytes.h"
#include "packet/decode/decode.h"

namespace parapet::cli {

// Writes the right IPv4 header checksum into the frame; other frames stay as they are.
void finish_ip_checksum(MutableBytes frame, packet::LinkType link) noexcept;

}  // namespace parapet::cli
