// SPDX-License-Identifier: Apache-2.0
// The questions of DNS messages: plain reading, sharing nothing with src/.
#pragma once

#include <vector>

#include "base/bytes.h"
#include "request.h"

namespace parapet::cases {

// Every question of one query; a label's dot is written \. so that no label becomes two.
std::vector<Request> read_dns(ByteView message);

// Of all messages of a connection, each behind its length.  RFC 1035 §4.2.2
std::vector<Request> read_dns_stream(ByteView stream);

}  // namespace parapet::cases
