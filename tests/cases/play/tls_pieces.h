// SPDX-License-Identifier: Apache-2.0
// The parts of TLS that templates name: the head of a ClientHello, records.  RFC 8446 §4.1.2, §5.1
#pragma once

#include <string>
#include <vector>

#include "template.h"

namespace parapet::cases {

// All of a ClientHello's handshake message but its extensions, which are so long.
Bytes hello_head(std::size_t extensions_length, std::size_t version = 0x0303);

Bytes record_head(std::size_t type, std::size_t length, std::size_t version = 0x0301);

// {records CUTS [between=HEX]}: `arguments` with the directive's name.
MarkedBytes cut_into_records(const MarkedBytes& handshake, const std::vector<std::string>& arguments);

}  // namespace parapet::cases
