// SPDX-License-Identifier: Apache-2.0
// Headers around a packet that changed its length.
#pragma once

#include "base/bytes.h"
#include "packet/decode/layers.h"

namespace parapet::packet {

// Makes each of the headers say that the packet ends where `frame` ends, and their checksums right where they have
// some; all else in them stays.
//   trail     of the packet, its own IP header the last; what is behind that header is finished already
//   REQUIRES  the packet has become shorter, or the frame is below 1,500 bytes: no length needs more than its 16 bits
void mend_carriers(MutableBytes frame, const LayerTrail& trail) noexcept;

}  // namespace parapet::packet
