// SPDX-License-Identifier: Apache-2.0
// The fields of an HTTP/2 header block that say what is asked for.  RFC 9113 §8.3.
#pragma once

#include "base/bytes.h"
#include "packet/extract/request_text.h"

namespace parapet::packet {

// Adds :authority and host to the names and :path to the targets, repeated ones too; other fields do nothing.
//   cost  one pass over a field that counts;  thread  any
void take_http2_field(ByteView name, ByteView value, RequestText& text) noexcept;

}  // namespace parapet::packet
