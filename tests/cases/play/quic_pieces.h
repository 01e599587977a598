// SPDX-License-Identifier: Apache-2.0
// The parts of QUIC that templates name: Initials, frames, packets that only the ends can read.  RFC 9000 §17, §19
#pragma once

#include <string>
#include <vector>

#include "template.h"

namespace parapet::cases {

// A directive with its arguments, each a word or NAME=VALUE.
using Arguments = std::vector<std::string>;

// {initial …:FRAMES}: padded to 1,200 bytes.
//   id=N         the connection id that its keys come from; to=N: the one in its header, where that is another
//   version=HEX  number=N  number_length=N  token=BYTES  size=BYTES
//   no_fixed_bit  reserved_bits  bad_tag
Bytes seal_initial(const Arguments& arguments, const Bytes& frames);

// {crypto A..B}: a CRYPTO frame with this part of the stream; with `zeros`, of zeros.
Bytes crypto_frame(const Arguments& arguments, const MarkedBytes& stream);

// {zero_rtt N} {handshake_packet N}: so many bytes that nobody on the way can read; id=N version=HEX
Bytes opaque_packet(const Arguments& arguments);

}  // namespace parapet::cases
