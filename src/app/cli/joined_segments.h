// SPDX-License-Identifier: Apache-2.0
// Taking apart what a capturing host had joined: it shows the segments of a receive or send offload as one, longer than
// any frame on a wire.
#pragma once

#include <vector>

#include "base/bytes.h"
#include "config/edge_options.h"
#include "packet/decode/decode.h"

namespace parapet::cli {

using config::kLongestFrame;

// The TCP segments that a frame over kLongestFrame stands for, each in headers like its own with right lengths and
// checksums, PSH and FIN on the last; empty where the frame is no such segment.
std::vector<std::vector<std::uint8_t>> segments_of_joined(ByteView frame, packet::LinkType link);

}  // namespace parapet::cli
