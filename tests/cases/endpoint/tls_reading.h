// SPDX-License-Identifier: Apache-2.0
// The names in a client's TLS: plain reading of the whole stream, sharing nothing with src/.
#pragma once

#include <vector>

#include "base/bytes.h"
#include "request.h"

namespace parapet::cases {

// Every host_name of every complete ClientHello. OpenSSL takes the only one and refuses several, GnuTLS and NSS take
// the first of that type; whichever a server takes is among them. Warning alerts, change_cipher_spec and early data
// between the records are passed over.
std::vector<Request> read_tls(ByteView stream);

// The same of handshake messages without records, as in QUIC.
std::vector<Request> read_handshake(ByteView messages);

}  // namespace parapet::cases
