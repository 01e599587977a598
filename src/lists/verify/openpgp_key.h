// SPDX-License-Identifier: Apache-2.0
// A file with an OpenPGP public key, as gpgv takes it. RFC 4880 §4.2, §6.2.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace parapet::lists {

inline constexpr std::size_t kMaxOpenPgpKeyFile = 16384;  // bytes, armoured or not

inline constexpr unsigned kLeastRsaBits = 2048;

// Takes the armour off where there is any; what is no row of packets that begins with a public key is refused, and so
// are short RSA keys, whose size gpgv does not tell. Everything else about the keys gpgv reads.
//   errors  malformed (neither armour nor key) · refused (a secret key, a short one) · limit
Result<std::vector<std::uint8_t>> parse_openpgp_key(ByteView file);

}  // namespace parapet::lists
