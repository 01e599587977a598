// SPDX-License-Identifier: Apache-2.0
// Keeps the target of a request, however a client stretches it.
#pragma once

#include "base/bytes.h"
#include "packet/extract/request_text.h"

namespace parapet::packet {

// Begins a target; what stands in the text before stays, and a kTargetBreak parts the two.
void begin_target(RequestText& text) noexcept;

// Adds bytes to the target that was begun last. Where there is no more room, its path is cleared of what every server
// takes out of it (empty and dot segments, RFC 3986 §5.2.4); only what does not fit then is cut off.
//   cost  one pass over the bytes and one over what they are cleared with
void push_target(ByteView bytes, RequestText& text) noexcept;

}  // namespace parapet::packet
