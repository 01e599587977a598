// SPDX-License-Identifier: Apache-2.0
// Finishing what a network card would have finished: captures taken at a sending host show IPv4 headers as the host
// left them to its card.
#pragma once

#include "base/bytes.h"
#include "packet/decode/decode.h"

namespace parapet::cli {

// Writes the right checksum into each IPv4 header of the frame, those of carriers too, and where the total length is 0
// (the card was to cut the segment) the length that stands in the capture. Other frames stay as they are.
void finish_ipv4_headers(MutableBytes frame, packet::LinkType link) noexcept;

}  // namespace parapet::cli
